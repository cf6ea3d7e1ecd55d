// How much of a time calls can be relied on: nobody waited for a processor half of the time or more.
import { type Event, eventsOf } from '../history/event.ts'
import type { Window } from './analysis.ts'
import { isLong, shortagesOf } from './machine.ts'
import { coveredMs } from './windows.ts'

/** ms of the window that are no part of a shortage in which latencies are not relied on. */
export const quietMs = (events: readonly Event[], [from, to]: Window): number =>
  to - from - coveredMs(shortagesOf(eventsOf(events, 'processors-short')).filter(isLong), from, to)
