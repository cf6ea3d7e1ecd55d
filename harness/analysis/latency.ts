// How long calls took, from the instant they were scheduled for.
import type { Latency, Window } from './analysis.ts'
import { ANSWERED, type Calls, rangeOf, UNANSWERED } from './calls.ts'
import { latencyCount } from './histogram.ts'

/**
 * Two latencies that differ by less are the same, ms: where a usual p99 is 1 ms, one call that waits for a busy core doubles it,
 * and nobody who waits for an answer can tell.
 */
export const SAME_MS = 5

/**
 * What call i adds to a latency, µs from its scheduled instant: an unanswered call counts as its deadline. -1 for a call
 * that adds nothing: a refusal is quick because nobody worked, and would make an outage look fast.
 */
export const latencyUsOf = (calls: Calls, i: number): number => {
  const code = calls.code[i]
  if (code === ANSWERED) return calls.lane.latencyUs[i] ?? 0
  if (code === UNANSWERED) return calls.lane.header.deadlineMs * 1000
  return -1
}

/** Latency of the calls scheduled in a window, and of those of them whose mark in `isSound` is 1; `known` spares counting the first again. */
export const latencyOver = (
  calls: Calls,
  window: Window,
  isSound: Uint8Array,
  known?: Latency | null,
): { readonly latency: Latency | null; readonly soundLatency: Latency | null } => {
  const [first, last] = rangeOf(calls, window)
  const latency = known === undefined ? count(calls, first, last, null) : known
  // Nearly always every call is sound, and counting them again would find the same.
  const isAllSound = !isSound.subarray(first, last).includes(0)
  return { latency, soundLatency: isAllSound ? latency : count(calls, first, last, isSound) }
}

const count = (calls: Calls, first: number, last: number, isSound: Uint8Array | null): Latency | null => {
  const counted = latencyCount()
  for (let i = first; i < last; i += 1) {
    const us = latencyUsOf(calls, i)
    if (us >= 0 && (isSound === null || isSound[i] === 1)) counted.add(us)
  }
  return counted.read()
}
