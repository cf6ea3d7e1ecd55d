// One monotonic clock per run: every event and every call is stamped in ms since the run began.

/** Reads ms since the run began; never goes back. */
export interface Clock {
  now(): number
}

/**
 * CLOCK_MONOTONIC in ms. Every process on one kernel, in a container or not, reads the same value,
 * which is what lets a call and a fault be put on one axis without asking anybody.
 */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** A clock whose zero is `originMs` on the kernel's monotonic clock; by default, now. */
export const clockSince = (originMs: number = monotonicMs()): Clock & { readonly originMs: number } => ({
  originMs,
  now: () => monotonicMs() - originMs,
})

/** A clock for tests, moved by hand. */
export const manualClock = (startMs = 0): Clock & { advance(ms: number): void } => {
  let nowMs = startMs
  return {
    now: () => nowMs,
    advance(ms) {
      if (ms < 0) throw new RangeError(`A clock cannot go back: asked to advance by ${ms} ms.`)
      nowMs += ms
    },
  }
}
