// How long calls took: HdrHistogram over whole µs. The one door to hdr-histogram-js.
import { build, type Histogram } from 'hdr-histogram-js'
import type { Latency, Window } from './analysis.ts'
import { ANSWERED, type Calls, rangeOf, UNANSWERED } from './calls.ts'

/** Counts latencies; three digits, so a percentile is at most 0.1 % off. */
export interface LatencyCount {
  /** Adds one, in µs. */
  add(us: number): void
  /** What was added, in ms; null when nothing was. */
  read(): Latency | null
}

/** A new count. 70 kB each: for phases and nodes, never for steps of a timeline. */
export const latencyCount = (): LatencyCount => {
  const histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    autoResize: true,
  })
  // The library truncates fractions and throws on what is negative.
  return { add: (us) => histogram.recordValue(us > 0 ? Math.round(us) : 0), read: () => read(histogram) }
}

const read = (histogram: Histogram): Latency | null => {
  // An empty histogram answers 0 and 9e15: not a latency.
  if (histogram.totalCount === 0) return null
  // A percentile names the end of its bucket, which may lie just above the greatest value ever added.
  const ms = (percentile: number): number =>
    Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / 1000
  return {
    count: histogram.totalCount,
    p50: ms(50),
    p90: ms(90),
    p99: ms(99),
    p999: ms(99.9),
    max: histogram.maxValue / 1000,
  }
}

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

/** Latency of the calls scheduled in a window, and of those of them whose mark in `isSound` is 1. */
export const latencyOver = (
  calls: Calls,
  window: Window,
  isSound: Uint8Array,
): { readonly latency: Latency | null; readonly soundLatency: Latency | null } => {
  const [first, last] = rangeOf(calls, window)
  const latency = count(calls, first, last, null)
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
