// What checks and calls say about one node, counted as lua-resty-healthcheck counts it: it changes state at a threshold.

export type Sign = 'success' | 'http_failure' | 'tcp_failure' | 'timeout_failure'
export type Health = 'healthy' | 'mostly_healthy' | 'mostly_unhealthy' | 'unhealthy'

export interface NodeHealth {
  /** Takes a sign; `limit` is how many of its kind in a row change the state. True when it did. */
  note(sign: Sign, limit: number): boolean
  isHealthy(): boolean
  state(): Health
  counters(): Readonly<Record<Sign, number>>
}

const none: Readonly<Record<Sign, number>> = { success: 0, http_failure: 0, tcp_failure: 0, timeout_failure: 0 }

/** A node is healthy until it is shown not to be. */
export function nodeHealth(): NodeHealth {
  let isUp = true
  let counters = none
  return {
    note(sign, limit) {
      const speaksForIt = sign === 'success'
      if (speaksForIt === isUp) {
        // What speaks for the state that stands wipes the doubts away; on the hot path there are none.
        if (counters !== none) counters = none
        return false
      }
      counters = { ...counters, [sign]: counters[sign] + 1 }
      if (counters[sign] < limit) return false
      isUp = speaksForIt
      counters = none
      return true
    },
    isHealthy: () => isUp,
    state: () => stateOf(isUp, counters),
    counters: () => counters,
  }
}

function failures({ http_failure, tcp_failure, timeout_failure }: Readonly<Record<Sign, number>>): number {
  return http_failure + tcp_failure + timeout_failure
}

function stateOf(isUp: boolean, counters: Readonly<Record<Sign, number>>): Health {
  if (isUp) return failures(counters) > 0 ? 'mostly_healthy' : 'healthy'
  return counters.success > 0 ? 'mostly_unhealthy' : 'unhealthy'
}
