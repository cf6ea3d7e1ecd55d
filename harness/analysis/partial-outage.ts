// Partial outages of a lane: times, outside full outages, in which too many of its calls were lost.

import { firstAffected, type MeasuredLane } from './affected-calls.ts'
import type { Outage, Window } from './analysis.ts'
import { ANSWERED, type Calls, endedAt, endOf, everyMsAt, rangeOf, scheduled, wasSent } from './calls.ts'

/** Two-sided 95 %. */
const Z = 1.96

/** Below this share of lost calls nobody speaks of an outage. */
const LEAST_SHARE = 0.01

/** The share that is certain: the lower end of Wilson's 95 % interval. */
export const wilsonLower = (lost: number, of: number): number => {
  if (of === 0) return 0
  const share = lost / of
  const centre = share + (Z * Z) / (2 * of)
  const margin = Z * Math.sqrt((share * (1 - share) + (Z * Z) / (4 * of)) / of)
  return Math.max(0, (centre - margin) / (1 + (Z * Z) / of))
}

/** Fewer calls than this between two full outages say nothing about a share. */
const LEAST_CALLS = 20

/** A lane with its lost calls marked 1 where it is certain whose they are. */
export interface Marked extends MeasuredLane {
  readonly lost: Uint8Array
  /** Of the same lane, in order. */
  readonly fullOutages: readonly Window[]
}

/**
 * Maximal windows in which the share of lost among the last max(50, rate / 4) calls is certainly above max(1 %, 3 times the
 * baseline's). The edges are the first and the last call lost: measurement.md §7.
 */
export const partialOutages = (lane: Marked): readonly Omit<Outage, 'nodes'>[] =>
  segmentsOf(lane).flatMap((sent) => outagesIn(lane, sent))

/** Indices of the calls that were sent, between full outages. */
const segmentsOf = (lane: Marked): readonly Int32Array[] => {
  const { calls, fullOutages } = lane
  const edges = [0, ...fullOutages.flatMap((outage) => hitBy(lane, outage)), calls.count]
  const segments: Int32Array[] = []
  for (let k = 0; k + 1 < edges.length; k += 2) {
    const [first = 0, last = 0] = edges.slice(k, k + 2)
    const sent = new Int32Array(Math.max(0, last - first))
    let length = 0
    for (let i = first; i < last; i += 1) if (wasSent(calls.code[i])) sent[length++] = i
    if (length >= LEAST_CALLS) segments.push(sent.subarray(0, length))
  }
  return segments
}

/**
 * Indices [first, last) of the calls that a full outage hit. A call that was answered last may have been under way for long: those that came
 * after it, and were not answered, are the outage's already.
 */
const hitBy = (lane: Marked, [from, to]: Window): readonly [first: number, last: number] => {
  const { calls } = lane
  const least = firstAffected(lane, from)
  let [first, last] = rangeOf(calls, [from, to])
  const isAnswered = (i: number): boolean => calls.code[i] === ANSWERED && endedAt(calls, i) <= from
  while (first > least && !isAnswered(first - 1)) first -= 1
  return [first, last]
}

/** Of the whole lane, where its rate changed. */
const meanRate = (calls: Calls): number => {
  const { rate, ramps } = calls.lane.header
  return ramps === undefined ? rate : (calls.count * 1000) / Math.max(1, endOf(calls) - calls.t0)
}

const outagesIn = (lane: Marked, sent: Int32Array): readonly Omit<Outage, 'nodes'>[] => {
  const { calls, lost } = lane
  const size = Math.min(sent.length, Math.max(50, Math.round(meanRate(calls) / 4)))
  const limit = Math.max(LEAST_SHARE, 3 * lane.baseline.lostShare)
  // The least number of lost calls that is certainly too many is the same for every window of this size.
  let tooMany = 1
  while (tooMany <= size && wilsonLower(tooMany, size) <= limit) tooMany += 1
  const found: Omit<Outage, 'nodes'>[] = []
  let inWindow = 0
  let open: readonly [first: number, last: number] | null = null
  for (let k = 0; k < sent.length; k += 1) {
    inWindow += lost[sent[k] ?? 0] ?? 0
    if (k >= size) inWindow -= lost[sent[k - size] ?? 0] ?? 0
    if (inWindow >= tooMany) open = [open?.[0] ?? Math.max(0, k - size + 1), k]
    else if (open && k - size >= open[1]) {
      found.push(outageOf(lane, sent, open))
      open = null
    }
  }
  return open ? [...found, outageOf(lane, sent, open)] : found
}

/** Were it still going on, so many of its next calls in a row would all be good once in twenty times. */
const callsToBelieve = (lost: number, of: number): number => (3 * of) / lost

const outageOf = (
  { calls, lost }: Marked,
  sent: Int32Array,
  [first, last]: readonly [number, number],
): Omit<Outage, 'nodes'> => {
  let [count, lostMs] = [0, 0]
  let [from, to] = [-1, -1]
  let [begin, end] = [first, last]
  for (let k = first; k <= last; k += 1) {
    const i = sent[k] ?? 0
    if (!lost[i]) continue
    count += 1
    lostMs += everyMsAt(calls, i)
    if (from < 0) [from, begin] = [i, k]
    ;[to, end] = [i, k]
  }
  const isAtTheEnd = (sent.at(-1) ?? 0) >= lastSent(calls)
  const isOver = sent.length - 1 - end >= callsToBelieve(count, end - begin + 1)
  const point = scheduled(calls, to) - scheduled(calls, from)
  const edgesMs = everyMsAt(calls, from) + everyMsAt(calls, to)
  return {
    lane: calls.name,
    kind: 'partial',
    from: scheduled(calls, from),
    to: scheduled(calls, to),
    // It began after the last good call before it and ended before the first good call after: an interval on either side.
    length: { point, min: Math.max(0, point - edgesMs), max: point + edgesMs },
    lost: count,
    lossDerivedMs: lostMs,
    ownStallMs: 0,
    ...(isAtTheEnd && !isOver && { censored: true }),
  }
}

/** The last call of the lane that was sent. */
const lastSent = (calls: Calls): number => {
  let last = calls.count - 1
  while (last >= 0 && !wasSent(calls.code[last])) last -= 1
  return last
}
