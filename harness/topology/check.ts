// How a balancer checks its servers: what it may think of one, how long HAProxy's settings let it take to think otherwise, and how long that is waited for.

/**
 * UP and taking traffic; standby (sound, and another one is the primary); draining (finishes, takes nothing new); down by
 * its check; maintenance by hand.
 */
export type RotationState = 'in' | 'standby' | 'draining' | 'out' | 'maintenance'

/** A balancer's health check: ms, and counts of checks in a row. */
export interface CheckSettings {
  readonly interMs: number
  readonly fastinterMs: number
  /** Between checks of a server that is down; interMs where absent. */
  readonly downinterMs?: number
  readonly fall: number
  readonly rise: number
  /** How long one check may take. */
  readonly timeoutMs: number
}

/** From a check that went well to the last of the failed ones that mark a server down, each as late as it may be. */
export const longestDownMs = ({ interMs, fastinterMs, fall, timeoutMs }: CheckSettings): number =>
  interMs + fall * timeoutMs + (fall - 1) * fastinterMs

/** From a check of a server that is down to the last of the good ones that mark it up, but for the time that those take. */
export const longestUpMs = ({ interMs, downinterMs = interMs, fastinterMs, rise }: CheckSettings): number =>
  downinterMs + (rise - 1) * fastinterMs

/** Nothing is waited for less long. */
export const WAIT_LEAST_MS = 10_000

/** How long something is waited for that is predicted to take so long: three times that. */
export const waitMs = (predictedMs: number): number => Math.max(WAIT_LEAST_MS, 3 * predictedMs)

/** For a balancer to drop a node that hangs. */
export const dropWaitMs = (check: CheckSettings | undefined): number => waitMs(check ? longestDownMs(check) : 0)

/** What has not come in the better part of its wait does not come: from so long on a wait was in vain. Shorter than the wait, whose beginning is not known exactly. */
export const leastVainMs = (predictedMs: number): number => Math.max(0.9 * WAIT_LEAST_MS, 2 * predictedMs)
