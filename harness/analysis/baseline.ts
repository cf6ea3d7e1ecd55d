// What is usual on a lane before anything is broken: the measure that everything after is held against.
import type { Window } from './analysis.ts'
import { ANSWERED, type Calls, everyMsAt, isLost, rangeOf, responseMs } from './calls.ts'
import { usualGapMs } from './gaps.ts'
import { latencyCount } from './histogram.ts'
import { type Machine, RESOLUTION_MS } from './machine.ts'

/** The first second of a lane opens its connections and warms up its code; it is not what is usual. */
export const WARM_UP_MS = 1000

/** What is usual, ms; over the settled part of the steady phase, after the lane's first second. */
export interface Baseline {
  readonly window: Window
  readonly calls: number
  /** Times that the deployment itself took, less the generator's lateness. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /**
   * A call that takes longer than this is slow for this lane: a millisecond above p99.9, which a histogram rounds, or above p50 and the shortest
   * outage that can be told: a few slow answers in steady state do not hide that nobody was answered for as long.
   */
  readonly slowMs: number
  readonly lostShare: number
  /** The shortest full outage that can be told from what is usual: max(10 ms, 3 / rate, p99.99 gap, the control lane's own up to RESOLUTION_MS). */
  readonly floorMs: number
  /** The same without the rate, for a lane whose rate changes: floorAt. */
  readonly usualFloorMs: number
}

/** The shortest full outage that can be told at the rate there was between calls [first, last). */
export const floorAt = ({ usualFloorMs }: Baseline, calls: Calls, first: number, last: number): number =>
  Math.max(usualFloorMs, 3 * everyMsAt(calls, first), 3 * everyMsAt(calls, last))

/** Measures a lane where it was settled; over all of it when it opened later (the Dashboard's may). */
export const baselineOf = (calls: Calls, times: Float64Array, settled: Window, machine: Machine): Baseline => {
  const warm: Window = [Math.max(settled[0], calls.t0 + WARM_UP_MS), settled[1]]
  const [first, last] = rangeOf(calls, warm)
  const window: Window = last > first ? warm : [-Infinity, Infinity]
  const took = latencyCount()
  let lost = 0
  let count = 0
  const [from, to] = last > first ? [first, last] : [0, calls.count]
  for (let i = from; i < to; i += 1) {
    count += 1
    if (calls.code[i] === ANSWERED) took.add(responseMs(calls, i) * 1000)
    else if (isLost(calls.code[i])) lost += 1
  }
  const latency = took.read()
  const known = last > first ? usualGapMs(times, warm, machine.unusual) : 0
  // The control lane runs through the faults too, on the same machine: what it cannot tell from noise, no lane can.
  const usualFloorMs = Math.max(10, known, Math.min(RESOLUTION_MS, machine.usualGapMs))
  const floorMs = Math.max(usualFloorMs, 3 * calls.everyMs)
  return {
    window,
    calls: last - first,
    p50Ms: latency?.p50 ?? 0,
    p99Ms: latency?.p99 ?? 0,
    p999Ms: latency?.p999 ?? 0,
    slowMs: Math.min(latency?.p999 ?? 0, (latency?.p50 ?? 0) + floorMs) + 1,
    lostShare: count === 0 ? 0 : lost / count,
    floorMs,
    usualFloorMs,
  }
}
