// When a node was back to stay: one that comes and goes again soon is not back, by a balancer's word or by its own answers.
import { type EventOf, eventsOf, isTrusted } from '../history/event.ts'
import { type Role, roleOf } from '../topology/topology.ts'
import type { Window } from './analysis.ts'
import { ANSWERED, answeringNode, firstAt, firstEndFrom } from './calls.ts'
import type { Opinions } from './holders.ts'
import type { AnalysedLane } from './lane.ts'
import type { TimingContext } from './timing.ts'

/** A node that was trusted for so long is back: what its balancer thinks of it later has another reason. */
const STAYS_MS = 10_000

/** Whose members vote: one may stop serving for another that is lost. Control-plane nodes and gateways stand for themselves. */
const VOTING: readonly Role[] = ['database', 'config-store']

/** Whether any answer to callers says who gave it: a balancer that sets no header names nobody. */
export const isAnyoneNamed = ({ lanes }: TimingContext): boolean =>
  lanes.some(
    ({ calls }) =>
      calls.lane.header.purpose === 'callers' &&
      Number.isFinite(firstEndFrom(calls, 0, (i) => answeringNode(calls, i) !== null)),
  )

/** The first call that a node answers in a window, and no balancer drops it soon after that; Infinity where there is none. */
export const firstAnswerToStay = (context: TimingContext, node: string, [from, until]: Window): number => {
  const first = firstAnswerOf(context, node, from)
  const left = eventsOf(context.events, 'rotation').find(
    (event) => event.node === node && event.state === 'out' && event.at > first && event.at < until,
  )
  if (!left || hasStayed(context, node, [first, left.at])) return first
  return firstAnswerToStay(context, node, [left.at, until])
}

/** When a balancer trusts a node anew in a window, and does not drop it soon after that. */
export const admittedToStay = (
  context: TimingContext,
  opinions: Opinions,
  node: string,
  [from, until]: Window,
): EventOf<'rotation'> | undefined =>
  opinions.find((event, i) => {
    const isAnew = isTrusted(event.state) && !(event.was !== undefined && isTrusted(event.was))
    if (!isAnew || event.at < from || event.at >= until) return false
    const left = opinions.slice(i).find((later) => later.at < until && !isTrusted(later.state))
    return left === undefined || hasStayed(context, node, [event.at, left.at])
  })

/** Whether a node that came at the one end of a window and left at the other was back: for long enough, or until something was broken that it needs. */
const hasStayed = (context: TimingContext, node: string, [came, left]: Window): boolean =>
  left - came >= STAYS_MS ||
  context.faults.some(
    ({ intendedAt, targets }) =>
      intendedAt > came && intendedAt < left && targets.some((target) => mayNeed(context, node, target)),
  )

/** Whether a node may have to leave where another is broken: of its own kind only where those vote. What no topology tells may be anything. */
const mayNeed = ({ topology }: TimingContext, node: string, other: string): boolean => {
  const role = roleOf(topology, node)
  return role === undefined || VOTING.includes(role) || roleOf(topology, other) !== role
}

const firstAnswerOf = ({ lanes }: TimingContext, node: string, from: number): number =>
  lanes.reduce((least, lane) => Math.min(least, firstAnswerIn(lane, node, from)), Infinity)

const firstAnswerIn = ({ calls }: AnalysedLane, node: string, from: number): number =>
  calls.lane.header.purpose === 'callers'
    ? firstEndFrom(calls, firstAt(calls, from), (i) => calls.code[i] === ANSWERED && answeringNode(calls, i) === node)
    : Infinity
