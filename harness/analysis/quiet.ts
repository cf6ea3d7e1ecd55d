// How much of a time calls can be relied on: nobody can have waited for a processor half of the time or more.
import { type Event, eventsOf } from '../history/event.ts'
import type { Window } from './analysis.ts'
import { shortagesOf } from './machine.ts'
import { coveredMs } from './windows.ts'

/** ms of the window in which processors were not short. */
export const quietMs = (events: readonly Event[], [from, to]: Window): number =>
  to - from - coveredMs(shortagesOf(eventsOf(events, 'processors-short')), from, to)
