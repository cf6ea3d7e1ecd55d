// How many calls may be out at once: enough that a dead node parks nobody, few enough that a stalled server is not drowned.
import { type ErrorClass, outcomeOf } from '../../history/call.ts'

/** Says of each call that is due whether it is sent or shed. */
export interface InFlightCap {
  admits(nowMs: number, inFlight: number): boolean
  ended(nowMs: number, errorClass: ErrorClass): void
  /** We did nothing for that long: that nobody was answered meanwhile says nothing about the server. */
  slept(forMs: number): void
  /** From now on calls may be due at this rate. */
  expect(rate: number): void
}

// Without a single answer for this long nobody is served: what we send now only queues up before the server.
const QUIET_MS = 100
// What may still be parked in a full outage, so that its end is seen at once.
const PARKED = 64
// Beyond that one call in 20 ms, or a server stalled for ten seconds wakes to thousands of abandoned connections.
const PROBE_EVERY_MS = 20

/**
 * Normally 1.2 * rate * deadline + 16: more than a full deadline's worth, so one dead node of several sheds nothing.
 * In a full outage a call that fails at once (refused, reset, 5xx) gives its place back, since it leaves nothing behind;
 * one that ran into its deadline does not. Measured in facts/measurement.md §3.4.
 */
export const createInFlightCap = (lane: { rate: number; deadlineMs: number; startMs: number }): InFlightCap => {
  const mostAt = (rate: number): number => Math.ceil((1.2 * rate * lane.deadlineMs) / 1000) + 16
  let most = mostAt(lane.rate)
  let lastAnswerMs = lane.startMs
  let lastProbeMs = Number.NEGATIVE_INFINITY
  let places = PARKED
  const isQuiet = (nowMs: number): boolean => nowMs - lastAnswerMs > QUIET_MS
  return {
    slept: (forMs) => {
      lastAnswerMs += forMs
    },
    expect: (rate) => {
      most = mostAt(rate)
    },
    admits: (nowMs, inFlight) => {
      if (inFlight >= most) return false
      if (!isQuiet(nowMs)) return true
      if (places > 0) {
        places -= 1
        return true
      }
      if (nowMs - lastProbeMs < PROBE_EVERY_MS) return false
      lastProbeMs = nowMs
      return true
    },
    ended: (nowMs, errorClass) => {
      const outcome = outcomeOf(errorClass)
      if (outcome === 'answered') {
        lastAnswerMs = nowMs
        places = PARKED
      } else if (outcome !== 'unanswered' && isQuiet(nowMs)) {
        places = Math.min(PARKED, places + 1)
      }
    },
  }
}
