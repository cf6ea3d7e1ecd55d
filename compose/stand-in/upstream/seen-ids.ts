// Counts request ids and which of them came more than once; beyond its size the oldest are forgotten.

export interface Tally {
  readonly requests: number
  readonly distinct: number
  readonly duplicates: readonly string[]
  readonly duplicateCount: number
}

export interface SeenIds {
  note(id: string): void
  /** A call without an id counts as a request only. */
  noteNameless(): void
  tally(): Tally
}

const duplicatesShown = 1_000

/** `duplicateCount` counts ids that came more than once, not how often; `distinct` counts ids ever seen for the first time. */
export function seenIds(remembered: number): SeenIds {
  const times = new Map<string, number>()
  const duplicates: string[] = []
  let requests = 0
  let distinct = 0
  let duplicateCount = 0
  return {
    note(id) {
      requests += 1
      const before = times.get(id) ?? 0
      times.set(id, before + 1)
      if (before === 1) {
        duplicateCount += 1
        if (duplicates.length < duplicatesShown) duplicates.push(id)
      }
      if (before === 0) {
        distinct += 1
        if (times.size > remembered) forgetOldest(times)
      }
    },
    noteNameless() {
      requests += 1
    },
    tally: () => ({ requests, distinct, duplicates, duplicateCount }),
  }
}

/** A Map iterates in order of insertion, so its first key is the oldest. */
function forgetOldest(times: Map<string, number>): void {
  for (const oldest of times.keys()) {
    times.delete(oldest)
    return
  }
}
