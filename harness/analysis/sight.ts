// Which lanes of callers call often enough to see a short outage: only they can vouch that there was none.
import { RESOLUTION_MS } from './machine.ts'

/** What of a lane decides it. */
interface Seeing {
  readonly rate: number
  readonly zone: string
}

/**
 * A gap is seen from three intervals on. Of a zone's lanes those that see 50 ms watch for all of them; where none does, every one is to
 * watch, and it will be said that they cannot. The others are judged for the calls they lose, and for the outages they see all the same.
 */
export const watching = <T>(lanes: readonly T[], of: (lane: T) => Seeing): readonly T[] =>
  lanes.filter((lane) => {
    const beside = lanes.filter((each) => of(each).zone === of(lane).zone)
    return sees(of(lane)) || !beside.some((each) => sees(of(each)))
  })

/** So many of its intervals make a gap. */
const INTERVALS = 3

/** Calls a second from which on a lane sees the coarsest that a sensor may be. */
export const LEAST_WATCHING_RATE = (INTERVALS * 1000) / RESOLUTION_MS

/** Whether a lane of that rate can see the coarsest that a sensor may be. */
export const sees = ({ rate }: Pick<Seeing, 'rate'>): boolean => rate >= LEAST_WATCHING_RATE
