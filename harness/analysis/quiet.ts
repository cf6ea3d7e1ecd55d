// How much of a time calls can be relied on: nobody waited for a processor half of the time or more.
import { type Event, eventsOf } from '../history/event.ts'
import type { Window } from './analysis.ts'
import { RESOLUTION_MS } from './machine.ts'
import { coveredMs, merged } from './windows.ts'

/** ms of the window that are no part of a shortage longer than RESOLUTION_MS, as latencies are judged. */
export const quietMs = (events: readonly Event[], [from, to]: Window): number => {
  const scarce = merged(eventsOf(events, 'processors-short').map(({ since, at }): Window => [since, at]))
  const long = scarce.filter(([start, end]) => end - start > RESOLUTION_MS)
  return to - from - coveredMs(long, from, to)
}
