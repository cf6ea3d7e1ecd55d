// How long calls took, from the instant they were scheduled for.
import type { Latency, Window } from './analysis.ts'
import { ANSWERED, type Calls, rangeOf, UNANSWERED, UNSENT } from './calls.ts'
import { latencyCount } from './histogram.ts'
import type { Marks } from './marks.ts'
import { leastOfAll } from './sample.ts'

/**
 * Two latencies that differ by less are the same, ms: where a usual p99 is 1 ms, one call that waits for a busy core doubles it,
 * and nobody who waits for an answer can tell.
 */
export const SAME_MS = 5

export type Percentile = 'p50' | 'p99' | 'p999'

/** Fewer calls than this have no such percentile: it would be the word of one call. */
const LEAST_CALLS: Readonly<Record<Percentile, number>> = { p50: 2, p99: 100, p999: 1000 }

export const hasEnough = ({ count }: Pick<Latency, 'count'>, percentile: Percentile): boolean =>
  count >= LEAST_CALLS[percentile]

/**
 * What call i adds to a latency, µs from its scheduled instant: an unanswered call counts as its deadline, and so does one that the cap held
 * back because nobody was answered (`lost`): the longer everybody waits, the fewer calls are sent. -1 for a call that adds nothing: a refusal
 * is quick because nobody worked, and would make an outage look fast.
 */
export const latencyUsOf = (calls: Calls, i: number, lost: Uint8Array): number => {
  const code = calls.code[i]
  if (code === ANSWERED) return calls.lane.latencyUs[i] ?? 0
  if (code === UNANSWERED || (code === UNSENT && lost[i] === 1)) return calls.lane.header.deadlineMs * 1000
  return -1
}

/** Latency of the calls scheduled in a window, and of those of them that are sound, which are a sample of them; `known` spares counting the first again. */
export const latencyOver = (
  calls: Calls,
  window: Window,
  marks: Pick<Marks, 'isSound' | 'lost'>,
  known?: Latency | null,
): { readonly latency: Latency | null; readonly soundLatency: Latency | null } => {
  const [first, last] = rangeOf(calls, window)
  const latency = known === undefined ? count(calls, [first, last], marks.lost, null) : known
  // Nearly always every call is sound, and counting them again would find the same.
  const isAllSound = !marks.isSound.subarray(first, last).includes(0)
  return { latency, soundLatency: isAllSound ? latency : count(calls, [first, last], marks.lost, marks.isSound) }
}

const count = (
  calls: Calls,
  [first, last]: readonly [number, number],
  lost: Uint8Array,
  isSound: Uint8Array | null,
): Latency | null => {
  const counted = latencyCount()
  for (let i = first; i < last; i += 1) {
    const us = latencyUsOf(calls, i, lost)
    if (us >= 0 && (isSound === null || isSound[i] === 1)) counted.add(us)
  }
  const latency = counted.read()
  return latency && isSound ? { ...latency, atLeast: leastOf(counted.buckets()) } : latency
}

const leastOf = (buckets: Parameters<typeof leastOfAll>[0]): NonNullable<Latency['atLeast']> => ({
  p50: leastOfAll(buckets, 0.5),
  p99: leastOfAll(buckets, 0.99),
  p999: leastOfAll(buckets, 0.999),
})
