// The times between consecutive answers of a lane, from which full outages are read.

import type { Window } from './analysis.ts'
import { ANSWERED, APART, type Calls, endedAt, endOf, SHED, scheduled, UNKNOWN, UNSENT } from './calls.ts'
import { coveredMs } from './windows.ts'

/**
 * The instants, in order, at which the lane was answered or at which nobody can deny it: a call that was never sent for the
 * generator's own reasons, that was cut off with its zone, or that nobody recorded, might have been answered, so it ends a gap. So every gap that is left is
 * certain. A call held back by the in-flight cap ends none: the cap closes because nothing is answered.
 * The lane's first and last instant stand at the two ends.
 */
export const answerTimes = (calls: Calls): Float64Array => timesOf(calls, mayBeAnswered)

/** Those of them at which the lane was answered for certain, and its two ends: `times` itself where that is all of them. */
export const certainTimes = (calls: Calls, times: Float64Array): Float64Array => {
  for (let i = 0; i < calls.count; i += 1) if (mayBeAnswered(calls, i)) return timesOf(calls, () => false)
  return times
}

const timesOf = (calls: Calls, countsToo: (calls: Calls, i: number) => boolean): Float64Array => {
  const times = new Float64Array(calls.count + 2)
  let length = 0
  times[length++] = calls.t0
  for (let i = 0; i < calls.count; i += 1) {
    if (calls.code[i] === ANSWERED) times[length++] = endedAt(calls, i)
    else if (calls.code[i] === APART || countsToo(calls, i)) times[length++] = scheduled(calls, i)
  }
  times[length++] = endOf(calls)
  return inOrder(times.subarray(0, length))
}

const mayBeAnswered = (calls: Calls, i: number): boolean =>
  calls.code[i] === UNKNOWN || (calls.code[i] === UNSENT && calls.lane.errorClass[i] !== SHED)

/** Where calls change places more often than this, a plain sort is quicker. */
const MOVES_A_CALL = 32

/**
 * Sorts them in place. Nearly every answer comes within a few calls of its own place, so each is moved there past its neighbours:
 * a fifth of the time of a plain sort, which is what is left where answers come in any order.
 */
const inOrder = (times: Float64Array): Float64Array => {
  let movesLeft = MOVES_A_CALL * times.length
  for (let i = 1; i < times.length; i += 1) {
    const at = times[i] ?? 0
    let k = i
    for (; k > 0 && (times[k - 1] ?? 0) > at; k -= 1) times[k] = times[k - 1] ?? 0
    times[k] = at
    movesLeft -= i - k
    if (movesLeft < 0) return times.sort()
  }
  return times
}

/** Calls `visit` with each gap of at least `atLeastMs`, in order. */
export const eachGap = (times: Float64Array, atLeastMs: number, visit: (from: number, to: number) => void): void => {
  for (let i = 1; i < times.length; i += 1) {
    const from = times[i - 1] ?? 0
    const to = times[i] ?? 0
    if (to - from >= atLeastMs) visit(from, to)
  }
}

/** The gap that 99.99 % of the gaps in a window do not exceed, less what `disturbed` (merged) covers; 0 without gaps. */
export const usualGapMs = (times: Float64Array, [from, to]: Window, disturbed: readonly Window[]): number => {
  const gaps: number[] = []
  let count = 0
  for (let i = 1; i < times.length; i += 1) {
    const start = times[i - 1] ?? 0
    const end = times[i] ?? 0
    if (start < from || end > to) continue
    count += 1
    // Only gaps that matter are kept: no floor is ever below 10 ms.
    if (end - start >= 10) gaps.push(end - start - coveredMs(disturbed, start, end))
  }
  gaps.sort((a, b) => b - a)
  return gaps[count - Math.max(1, Math.ceil(count * 0.9999))] ?? 0
}
