// Whether callers were answered all through a standstill: then it hid nothing of theirs, whatever else stood still.
import type { Window } from './analysis.ts'
import { endOf } from './calls.ts'
import { answerTimes, certainTimes } from './gaps.ts'
import { type AnalysedLane, watchers } from './lane.ts'
import { CERTAIN_MS, RESOLUTION_MS } from './machine.ts'
import { lowerBound } from './windows.ts'

/**
 * A full outage is a time between two answers, and one of 50 ms must not go unseen. Where every lane that watches for outages was answered
 * for certain more often than that, there was none, asleep or not: what counts as one standstill of the generator may be many short ones with
 * answers read between them, and callers may be well while the control lane's echo is not. Never of one as long as CERTAIN_MS: an
 * instrument that is gone for so long is not trusted by halves.
 */
export const answeredThrough = (lanes: readonly AnalysedLane[]): ((standstill: Window) => boolean) => {
  const watching = watchers(lanes)
  const known = new Map<AnalysedLane, Float64Array>()
  const timesOf = (lane: AnalysedLane): Float64Array => {
    const times = known.get(lane) ?? certainTimes(lane.calls, answerTimes(lane.calls))
    known.set(lane, times)
    return times
  }
  return ([from, to]) =>
    to - from < CERTAIN_MS &&
    watching.length > 0 &&
    watching.every((lane) => runsIn(lane, [from, to]) && longestBetween(timesOf(lane), [from, to]) <= RESOLUTION_MS)
}

const runsIn = ({ calls }: AnalysedLane, [from, to]: Window): boolean => calls.t0 <= from && endOf(calls) >= to

/** The longest time between two answers that shares any of the window, ms. */
const longestBetween = (times: Float64Array, [from, to]: Window): number => {
  let most = 0
  for (let i = lowerBound(times, from); i < times.length; i += 1) {
    const before = times[i - 1] ?? Number.NEGATIVE_INFINITY
    if (before >= to) break
    most = Math.max(most, (times[i] ?? 0) - before)
  }
  return most
}
