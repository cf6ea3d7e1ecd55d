// Brown-outs of a lane: times outside of any outage in which callers were answered, and waited far longer than usual.
import type { BrownOut, Latency, Outage } from './analysis.ts'
import { type Calls, endOf, firstAt } from './calls.ts'
import { latencyUsOf, SAME_MS } from './latency.ts'
import type { Marks } from './marks.ts'
import { coveredMs, merged } from './windows.ts'

const WINDOW_MS = 100

/** Fewer slow windows in a row than this are no brown-out. */
const LEAST_WINDOWS = 3

/** p99 may be twice the baseline's. */
const SLOWER = 2

/** A lane, and what its latency is held against. */
export interface Lit {
  readonly calls: Calls
  readonly marks: Pick<Marks, 'isSound' | 'lost'>
  readonly outages: readonly Pick<Outage, 'from' | 'to'>[]
  readonly baseline: Latency | null
  /** The latency that was demanded, ms; 0 where none was. */
  readonly limitMs: number
}

/**
 * Three or more windows of 100 ms in a row, none of them in an outage, whose p99 is above twice the baseline's and above what was
 * demanded: measurement.md §7. Windows count from the lane's first call. Without a baseline nothing is slower than usual.
 */
export const brownOuts = (lane: Lit): readonly BrownOut[] => {
  const { calls, baseline } = lane
  if (!baseline) return []
  const limitMs = Math.max(SLOWER * baseline.p99, baseline.p99 + SAME_MS, lane.limitMs)
  const outages = merged(lane.outages.map(({ from, to }) => [from, to]))
  const found: BrownOut[] = []
  let slow: Slow[] = []
  const close = (): void => {
    if (slow.length >= LEAST_WINDOWS) found.push(brownOutOf(slow, limitMs))
    slow = []
  }
  let first = 0
  const windows = Math.ceil((endOf(calls) - calls.t0) / WINDOW_MS)
  for (let k = 0; k < windows; k += 1) {
    const from = calls.t0 + k * WINDOW_MS
    const last = firstAt(calls, from + WINDOW_MS)
    const p99 = p99Of(lane, [first, last], limitMs)
    first = last
    if (p99 !== null && coveredMs(outages, from, from + WINDOW_MS) === 0) slow.push({ from, p99 })
    else close()
  }
  close()
  return found
}

interface Slow {
  readonly from: number
  readonly p99: number
}

const brownOutOf = (slow: readonly Slow[], limitMs: number): BrownOut => {
  const from = slow[0]?.from ?? 0
  return {
    from,
    to: from + slow.length * WINDOW_MS,
    worstP99: slow.reduce((most, { p99 }) => Math.max(most, p99), 0),
    limitMs,
  }
}

/** The p99 of a window's sound calls by nearest rank, ms; null where it is not above the limit. */
const p99Of = (
  { calls, marks: { isSound, lost } }: Lit,
  [first, last]: readonly [number, number],
  limitMs: number,
): number | null => {
  const above: number[] = []
  let sound = 0
  for (let i = first; i < last; i += 1) {
    const us = isSound[i] === 1 ? latencyUsOf(calls, i, lost) : -1
    if (us < 0) continue
    sound += 1
    if (us > limitMs * 1000) above.push(us)
  }
  // p99 is above the limit where more calls are than may be above p99.
  const beyond = sound - Math.ceil(0.99 * sound)
  return above.length > beyond ? (above.sort((a, b) => b - a)[beyond] ?? 0) / 1000 : null
}
