// What callers lost in each fault, counted the way the defaults by kind of fault need it.
import { ERROR_CLASSES, type ErrorClass } from '../history/call.ts'
import { eventsOf, isTrusted, stageAt } from '../history/event.ts'
import { roleOf } from '../topology/topology.ts'
import type { FaultAnalysis, Losses, Window } from './analysis.ts'
import type { Attribution } from './attribution.ts'
import { answeringNode, type Calls, endedAt, mayHaveHappened, scheduled, WRONG } from './calls.ts'
import { impactsOn, letsGoUntil } from './impacts.ts'
import { type AnalysedLane, isUnderWayIn } from './lane.ts'
import { heldAs } from './rotation.ts'
import { gatewaysAmong, type StopContext, stopWindows } from './stops.ts'
import { effectOf } from './timing.ts'
import { lowerBound } from './windows.ts'

/** The balancer stamps its log in whole ms on the wall clock, which we put on our axis to a few ms. */
const LOG_SLACK_MS = 5

interface LossContext extends StopContext {
  readonly faults: readonly FaultAnalysis[]
  readonly judged: Window
  readonly attribution: Attribution
  readonly lbMode: 'http' | 'tcp'
}

interface Tally {
  lost: number
  inFlightOnTarget: number
  scheduledLater: number
  mayHaveHappened: number
  cutByStop: number
  inDoubt: number
  inFlightInDoubt: number
  cutInDoubt: number
  byOthers: number
  whileOut: number
  afterReturn: number
}

/**
 * Losses of the caller lanes by fault. Each lost call belongs to exactly one fault, the one intended last before the call
 * ended, so that nothing is excused twice where the windows of two faults overlap.
 */
export const lossesOf = (
  faults: readonly FaultAnalysis[],
  lanes: readonly AnalysedLane[],
  context: LossContext,
): readonly Losses[] => {
  const intents = Float64Array.from(faults, (fault) => fault.intendedAt)
  const tallies = faults.map(emptyTally)
  const struck = faults.map((fault) => strikesOf(fault, context))
  for (const lane of lanes) {
    if (lane.calls.lane.header.purpose !== 'callers') continue
    for (let i = 0; i < lane.calls.count; i += 1) {
      if (!lane.marks.lost[i] || !isUnderWayIn(lane.calls, i, context.judged)) continue
      // The first intent after the call's end, less one.
      const k = Math.max(0, lowerBound(intents, endedAt(lane.calls, i) + 1e-9) - 1)
      const [tally, strikes] = [tallies[k], struck[k]]
      if (strikes && tally) add(tally, strikes, lane, i, context)
    }
  }
  return faults.map((fault, k) => ({ faultId: fault.id, ...(tallies[k] ?? emptyTally()) }))
}

/** When and where a fault takes calls with it. */
interface Strikes {
  readonly fault: FaultAnalysis
  readonly impacts: ReadonlyMap<string, readonly Window[]>
  /** When the connections of calls that were on their way may have ended: those of the last target to let go. */
  readonly letGoAt: number
  readonly stops: readonly Window[]
  /** In which a balancer that gives out calls gave its gateways none; null where there was no such time. */
  readonly out: Window | null
  /** From when on the fault cannot cost anything any more: its gateways were out until its heal, which is clear. Infinity where that is not known. */
  readonly overFrom: number
}

const strikesOf = (fault: FaultAnalysis, context: LossContext): Strikes => {
  const targets = fault.targets.filter(isOnTheWay(context))
  const out = outWindow(fault, context)
  return {
    fault,
    impacts: new Map(
      targets.map((node) => [
        node,
        impactsOn(fault, node, context.events).map((impact) => onCallersClock(impact, context)),
      ]),
    ),
    letGoAt:
      Math.max(...targets.map((node) => letsGoUntil(fault, node, context.events) ?? -Infinity)) + context.clockErrorMs,
    stops: stopWindows(fault, context),
    out,
    overFrom: overFrom(fault, out, context),
  }
}

/** A window of ours as the callers' clock may have it: as wide as that is known. */
const onCallersClock = ([from, to]: Window, { clockErrorMs }: LossContext): Window => [
  from - clockErrorMs,
  to + clockErrorMs,
]

const overFrom = (fault: FaultAnalysis, out: Window | null, { events, clockErrorMs }: LossContext): number => {
  const healAt = stageAt(events, fault.id, 'heal')
  const wasOut = out !== null && healAt !== null && out[1] + clockErrorMs >= healAt
  return wasOut ? (fault.clearBounds?.[1] ?? fault.clearedAt ?? Infinity) + clockErrorMs : Infinity
}

/**
 * From when every balancer had dropped every gateway that was struck, until the heal began or one may have been taken back, as callers' clock had
 * it. A call on a connection that a balancer forwards does not go by its rotation.
 */
const outWindow = (fault: FaultAnalysis, context: LossContext): Window | null => {
  const { events, lbMode, clockErrorMs } = context
  const struck = gatewaysAmong(fault, context)
  const opinions = eventsOf(events, 'rotation').filter(({ node }) => struck.includes(node))
  if (lbMode === 'tcp' || opinions.length === 0) return null
  if (!struck.every((node) => opinions.some((opinion) => opinion.node === node))) return null
  const healAt = stageAt(events, fault.id, 'heal') ?? Infinity
  const outs = [...Map.groupBy(opinions, heldAs).values()].map((held): Window => {
    const before = held.findLast(({ at }) => at < fault.intendedAt)
    const wasOut = before !== undefined && !isTrusted(before.state)
    const from = wasOut
      ? fault.intendedAt
      : held.find(({ at, state }) => at >= fault.intendedAt && !isTrusted(state))?.at
    if (from === undefined) return [Infinity, Infinity]
    return [from, held.find(({ at, state }) => at > from && isTrusted(state))?.lastLookAt ?? Infinity]
  })
  const from = Math.max(...outs.map((each) => each[0])) + clockErrorMs
  const to = Math.min(healAt, ...outs.map((each) => each[1])) - clockErrorMs
  return from < to ? [from, to] : null
}

/** Whether callers' calls pass a node: a gateway, what stands behind it, or a balancer that gives calls to gateways. Without a topology any may be one. */
const isOnTheWay = ({ topology, events }: LossContext): ((node: string) => boolean) => {
  if (!topology) return () => true
  const passed = topology.nodes
    .filter(({ role }) => role === 'data-plane' || role === 'upstream')
    .map(({ name }) => name)
  const balancers = eventsOf(events, 'rotation').filter(({ node }) => passed.includes(node))
  const all = new Set([...passed, ...balancers.map(({ balancer }) => balancer)])
  return (node) => all.has(node)
}

const emptyTally = (): Tally => ({
  lost: 0,
  inFlightOnTarget: 0,
  scheduledLater: 0,
  mayHaveHappened: 0,
  cutByStop: 0,
  inDoubt: 0,
  inFlightInDoubt: 0,
  cutInDoubt: 0,
  byOthers: 0,
  whileOut: 0,
  afterReturn: 0,
})

const add = (tally: Tally, strikes: Strikes, lane: AnalysedLane, i: number, context: LossContext): void => {
  const { calls, marks } = lane
  const doubt = marks.inDoubt[i] ?? 0
  tally.lost += 1
  tally.inDoubt += doubt
  if (mayHaveHappened(calls, i)) {
    tally.mayHaveHappened += 1
    if (isCutByStop(strikes, calls, i, context)) {
      tally.cutByStop += 1
      tally.cutInDoubt += doubt
    }
  }
  const { fault, out, overFrom } = strikes
  if (marks.lostForCertain[i]) {
    if (out && scheduled(calls, i) >= out[0] && endedAt(calls, i) <= out[1]) tally.whileOut += 1
    else if (scheduled(calls, i) >= overFrom) tally.afterReturn += 1
    else if (isByAnother(fault, calls, i, context)) tally.byOthers += 1
  }
  if (fault.inEffectAt === null) return
  if (isInFlight(strikes, calls, i, context)) {
    tally.inFlightOnTarget += 1
    tally.inFlightInDoubt += doubt
  } else if (scheduled(calls, i) > effectOf(fault)[1] + context.clockErrorMs) tally.scheduledLater += 1
}

/**
 * Whether a gateway that no fault had answered a call badly, by its own word: a balancer's errors name nobody. Where what stands behind the gateways is
 * struck, any of them may have to.
 */
const isByAnother = (fault: FaultAnalysis, calls: Calls, i: number, { faults, topology }: LossContext): boolean => {
  const node = calls.code[i] === WRONG ? answeringNode(calls, i) : null
  if (node === null) return false
  const at = endedAt(calls, i)
  const isOpen = ({ intendedAt, clearedAt }: FaultAnalysis): boolean =>
    intendedAt <= at && scheduled(calls, i) <= (clearedAt ?? Infinity)
  return faults
    .filter((each) => each.id === fault.id || isOpen(each))
    .every(({ targets }) => targets.every((target) => target !== node && roleOf(topology, target) !== 'upstream'))
}

/** Whether a call was on its way through a target when that was struck. */
const isInFlight = (strikes: Strikes, calls: Calls, i: number, context: LossContext): boolean => {
  const { fault, impacts, letGoAt } = strikes
  const { attribution, lbMode } = context
  // On a connection that was open before: what nobody may send twice is lost there with nobody to blame.
  if (fault.kind === 'reject' && mayHaveHappened(calls, i) && isCutByStop(strikes, calls, i, context)) return true
  const isMetBy = (windows: Iterable<Window>, meets: (window: Window) => boolean): boolean =>
    [...windows].some((window) => scheduled(calls, i) <= window[1] && meets(window))
  const anywhere = [...impacts.values()]
  // A log of connections says nothing of calls. A call that was cut while the fault took effect was on its way through somebody.
  if (lbMode === 'tcp')
    return anywhere.some((each) => isMetBy(each, ([from]) => endedAt(calls, i) >= from - LOG_SLACK_MS))
  const line = attribution.lineOf(calls, i)
  // A process that is killed lets go of some connections before the last of its ports refuses, and of others after.
  if (!line && isCut(calls, i)) {
    const lettingGo: Window = [fault.intendedAt - context.clockErrorMs, letGoAt]
    return anywhere.some(([, ...later]) => isMetBy([lettingGo, ...later], ([from]) => endedAt(calls, i) >= from))
  }
  if (line?.node == null) return false
  return isMetBy(
    impacts.get(line.node) ?? [],
    ([from, to]) => line.from <= to + LOG_SLACK_MS && line.to >= from - LOG_SLACK_MS,
  )
}

/** Whether a call was on an idle connection that a gateway closed as it stopped, or that was rejected. Where the balancer says who had it, it was a target. */
const isCutByStop = (
  { fault, stops }: Strikes,
  calls: Calls,
  i: number,
  { attribution, lbMode }: LossContext,
): boolean => {
  const node = lbMode === 'tcp' ? undefined : attribution.lineOf(calls, i)?.node
  const at = endedAt(calls, i)
  return (
    isCut(calls, i) &&
    (node == null || fault.targets.includes(node)) &&
    stops.some(([from, to]) => at >= from && scheduled(calls, i) <= to)
  )
}

const CUT = ['connection-closed', 'connection-reset'].map((each) => ERROR_CLASSES.indexOf(each as ErrorClass))

/**
 * Whether the caller's connection was ended under the call. In HTTP mode that is how HAProxy asks the caller to repeat a call: where a connection
 * to a node breaks that had served before, and it may not repeat the call itself, it closes the caller's connection without an answer and writes no
 * line. Which calls it repeats is its own setting: a PUT may be made twice, and is not repeated where that says GET.
 */
const isCut = (calls: Calls, i: number): boolean => CUT.includes(calls.lane.errorClass[i] ?? 0)
