// When a node was back to stay: one that comes and goes again soon is not back, by a balancer's word or by its own answers.
import { type EventOf, eventsOf, isTrusted } from '../history/event.ts'
import type { Window } from './analysis.ts'
import { ANSWERED, answeringNode, firstAt, firstEndFrom } from './calls.ts'
import type { Opinions } from './holders.ts'
import type { AnalysedLane } from './lane.ts'
import type { TimingContext } from './timing.ts'

/** A node that was trusted for so long is back: what its balancer thinks of it later has another reason. */
const STAYS_MS = 10_000

/** The first call that a node answers in a window in which no balancer drops it again soon; Infinity where there is none. */
export const firstAnswerToStay = (context: TimingContext, node: string, [from, until]: Window): number => {
  const first = firstAnswerOf(context, node, from)
  const left = eventsOf(context.events, 'rotation').find(
    (event) => event.node === node && event.state === 'out' && event.at > first && event.at < until,
  )
  if (!left || left.at - first >= STAYS_MS || wasAnyBroken(context, [first, left.at])) return first
  return firstAnswerToStay(context, node, [left.at, until])
}

/** When it was trusted anew, and for so long or to the end of the window. */
export const admittedToStay = (opinions: Opinions, [from, until]: Window): EventOf<'rotation'> | undefined =>
  opinions.find((event, i) => {
    const isAnew = isTrusted(event.state) && !(event.was !== undefined && isTrusted(event.was))
    if (!isAnew || event.at < from || event.at >= until) return false
    const left = opinions.slice(i).find((later) => later.at < until && !isTrusted(later.state))
    return left === undefined || left.at - event.at >= STAYS_MS
  })

/** Whether something was broken on purpose within a window: a node may leave for that, whichever it is. */
const wasAnyBroken = ({ faults }: TimingContext, [from, to]: Window): boolean =>
  faults.some(({ intendedAt }) => intendedAt > from && intendedAt < to)

const firstAnswerOf = ({ lanes }: TimingContext, node: string, from: number): number =>
  lanes.reduce((least, lane) => Math.min(least, firstAnswerIn(lane, node, from)), Infinity)

const firstAnswerIn = ({ calls }: AnalysedLane, node: string, from: number): number =>
  calls.lane.header.purpose === 'callers'
    ? firstEndFrom(calls, firstAt(calls, from), (i) => calls.code[i] === ANSWERED && answeringNode(calls, i) === node)
    : Infinity
