// The comparisons of the callers' clocks with ours: callers in several places have a clock each, compared when they start and when they end.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'

/** Of one clock: the first comparison places every call, later ones show whether it held. */
export type Comparisons = readonly [first: EventOf<'clock'>, ...later: readonly EventOf<'clock'>[]]

/** What the callers' clocks are known to against ours, ms: the worst of them, with what it drifted since events and calls were placed by it. */
export const clockErrorMs = (events: readonly Event[]): number =>
  clocksOf(events).reduce((most, [first, ...later]) => {
    const drifted = later.map((each) => Math.abs(each.offsetMs - first.offsetMs) + first.errorMs + each.errorMs)
    return Math.max(most, first.errorMs, ...drifted)
  }, 0)

/** Each clock's comparisons, in order. */
export const clocksOf = (events: readonly Event[]): readonly Comparisons[] =>
  [...Map.groupBy(eventsOf(events, 'clock'), ({ zone = 'outside' }) => zone).values()].flatMap(([first, ...later]) =>
    first ? [[first, ...later] as const] : [],
  )
