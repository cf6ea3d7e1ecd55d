// The worst window of every length: where, over 100 ms or over a minute, a lane's callers were served least.
import { beginsAt } from '../history/schedule.ts'
import type { WorstWindow } from './analysis.ts'
import { type Calls, scheduled, wasSent } from './calls.ts'

const LENGTHS_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
]

/**
 * Minimum cumulative availability (NSDI'20, "Meaningful availability"): for each length from 100 ms to the whole lane, the window
 * in which the smallest share of calls was answered. It tells one long outage from many short ones of the same sum. A window is a
 * number of calls in a row, since each interval of the schedule holds one; where the rate changed, as many as it holds there.
 * Empty where nothing was lost.
 */
export const worstWindows = (calls: Calls, lost: Uint8Array): readonly WorstWindow[] => {
  const first = lost.indexOf(1)
  if (first < 0) return []
  const counted = countedOf(calls, lost)
  if (calls.lane.header.ramps) return worstOnRamps(calls, lost, counted)
  const sizes = LENGTHS_MS.map((ms) => Math.max(1, Math.round(ms / calls.everyMs))).filter((size) => size < calls.count)
  return [...new Set([...sizes, calls.count])].map((size) => worstOf(calls, { lost, counted, first, size }))
}

/** The same by the clock: a window begins with the interval of some call, and ends before the first that begins too late. */
const worstOnRamps = (calls: Calls, lost: Uint8Array, counted: Uint8Array): readonly WorstWindow[] => {
  const begins = Float64Array.from({ length: calls.count + 1 }, (_, i) => beginsAt(calls.lane.header, i))
  const whole = (begins[calls.count] ?? 0) - calls.t0
  return [...LENGTHS_MS.filter((ms) => ms < whole), whole].map((lengthMs) => {
    let worst = { lost: -1, of: 1, begin: 0 }
    let [end, inWindow, of] = [0, 0, 0]
    for (let begin = 0; begin < calls.count && (begins[begin] ?? 0) + lengthMs <= calls.t0 + whole; begin += 1) {
      const until = (begins[begin] ?? 0) + lengthMs
      for (; end < calls.count && (begins[end] ?? 0) < until - ROUNDING_MS; end += 1) {
        inWindow += lost[end] ?? 0
        of += counted[end] ?? 0
      }
      if (inWindow * worst.of > worst.lost * of) worst = { lost: inWindow, of, begin }
      inWindow -= lost[begin] ?? 0
      of -= counted[begin] ?? 0
    }
    const { begin, lost: count, of: all } = worst
    return { lengthMs, from: scheduled(calls, begin), lost: count, of: all, availability: 1 - count / all }
  })
}

/** An interval that begins where a window ends is not in it, however a double rounds. */
const ROUNDING_MS = 1e-6

/** 1 for each call that says something of the deployment: it was sent, or held back because nobody was answered. */
const countedOf = (calls: Calls, lost: Uint8Array): Uint8Array =>
  lost.map((is, i) => (is === 1 || wasSent(calls.code[i]) ? 1 : 0))

interface Search {
  readonly lost: Uint8Array
  readonly counted: Uint8Array
  /** The first lost call, and how many calls a window holds. */
  readonly first: number
  readonly size: number
}

const worstOf = (calls: Calls, { lost, counted, first, size }: Search): WorstWindow => {
  // No window that ends before the first lost call, or begins after the last, is a worst one.
  const start = Math.max(0, Math.min(first, calls.count - size) - size)
  const end = Math.min(calls.count, lost.lastIndexOf(1) + size)
  let [inWindow, of] = [0, 0]
  let worst = { lost: -1, of: 1, begin: 0 }
  for (let i = start; i < end; i += 1) {
    inWindow += lost[i] ?? 0
    of += counted[i] ?? 0
    const begin = i - size + 1
    if (begin < start) continue
    if (inWindow * worst.of > worst.lost * of) worst = { lost: inWindow, of, begin }
    inWindow -= lost[begin] ?? 0
    of -= counted[begin] ?? 0
  }
  return {
    lengthMs: size * calls.everyMs,
    from: scheduled(calls, worst.begin),
    lost: worst.lost,
    of: worst.of,
    availability: 1 - worst.lost / worst.of,
  }
}
