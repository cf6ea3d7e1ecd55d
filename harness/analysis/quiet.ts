// How much of a time calls can be relied on: nobody whom they pass can have waited for a processor half of the time or more.
import type { Event } from '../history/event.ts'
import type { Window } from './analysis.ts'
import { scarceForAnybody, scarceOn, wayTo } from './waiting.ts'
import { coveredMs } from './windows.ts'

/** ms of the window in which processors were not short for callers outside of every zone, or for gateways that answer them. */
export const quietMs = (events: readonly Event[], [from, to]: Window): number =>
  to - from - coveredMs(scarceOn(wayTo('gateways', events), events), from, to)

/** ms of the window in which they were short for anybody at all on this machine. */
export const starvedMs = (events: readonly Event[], [from, to]: Window): number =>
  coveredMs(scarceForAnybody(events), from, to)
