// Whether callers were answered all through a standstill: then it hid nothing of theirs, whatever else stood still.
import type { Window } from './analysis.ts'
import { endOf } from './calls.ts'
import { answerTimes, certainTimes } from './gaps.ts'
import { type AnalysedLane, watchers } from './lane.ts'
import { CERTAIN_MS, RESOLUTION_MS } from './machine.ts'
import { longestSilence } from './served-elsewhere.ts'
import { lowerBound } from './windows.ts'

/**
 * A full outage is a time between two answers, and one of 50 ms must not go unseen. Where every lane that watches for outages was answered
 * for certain more often than that, there was none, asleep or not: what counts as one standstill of the generator may be many short ones with
 * answers read between them, and callers may be well while the control lane's echo is not. A lane's own gap was none either where it was weighed
 * and found to be one node's, or chance, while other lanes were answered all along. Never of a standstill as long as CERTAIN_MS: an instrument
 * that is gone for so long is not trusted by halves.
 */
export const answeredThrough = (lanes: readonly AnalysedLane[]): ((standstill: Window) => boolean) => {
  const watching = watchers(lanes).map(
    (lane): Watcher => ({ ...lane, times: certainTimes(lane.calls, answerTimes(lane.calls)) }),
  )
  return (standstill) =>
    lengthOf(standstill) < CERTAIN_MS &&
    watching.length > 0 &&
    watching.every((lane) => runsIn(lane, standstill) && wasServed(lane, watching, standstill))
}

interface Watcher extends AnalysedLane {
  /** When it was answered for certain. */
  readonly times: Float64Array
}

const wasServed = (lane: Watcher, watching: readonly Watcher[], standstill: Window): boolean => {
  const others = watching.filter((other) => other !== lane).map(({ calls }) => calls)
  return gapsIn(lane.times, standstill).every(
    (gap) =>
      lengthOf(gap) <= RESOLUTION_MS ||
      (isDismissed(lane, gap) && lengthOf(longestSilence(others, gap)) <= RESOLUTION_MS),
  )
}

const runsIn = ({ calls }: AnalysedLane, [from, to]: Window): boolean => calls.t0 <= from && endOf(calls) >= to

const isDismissed = ({ dismissed }: AnalysedLane, [from, to]: Window): boolean =>
  dismissed.some((gap) => gap[0] === from && gap[1] === to)

const lengthOf = ([from, to]: Window): number => to - from

/** The times between two answers that share any of the window. */
const gapsIn = (times: Float64Array, [from, to]: Window): readonly Window[] => {
  const gaps: Window[] = []
  for (let i = lowerBound(times, from); i < times.length; i += 1) {
    const before = times[i - 1] ?? Number.NEGATIVE_INFINITY
    if (before >= to) break
    gaps.push([before, times[i] ?? 0])
  }
  return gaps
}
