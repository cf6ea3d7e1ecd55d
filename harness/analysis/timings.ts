// How long the deployment took to drop a node and to take it back: each with bounds, or censored when it never came.
import {
  type EventOf,
  eventsOf,
  type FaultKind,
  isTrusted,
  type Settings,
  stageAt,
  standsIn,
} from '../history/event.ts'
import type { FaultAnalysis, Timing, Window } from './analysis.ts'
import { ANSWERED, answeringNode, endedAt, firstAt, scheduled } from './calls.ts'
import type { AnalysedLane } from './lane.ts'
import { checkAt, leavesServing, predictedEjectionMs, predictedReadmissionMs } from './predictions.ts'
import { againBrokenAt, backFrom, isInTouch } from './readmission.ts'
import { heldAs } from './rotation.ts'
import { above, between, type TimingContext } from './timing.ts'

/** Who waits for a drop waits for three times what is predicted, and for 10 s at least: what has not come in the better part of that does not come. */
const VAIN_LEAST_MS = 9000

/** In effect → dropped, per fault, target and backend that holds it. */
export const ejections = (context: TimingContext): readonly Timing[] =>
  context.faults.flatMap((fault) =>
    fault.inEffectAt === null
      ? []
      : eachHolder(context, fault, (opinions, node) => ejection(context, fault, opinions, node)),
  )

/**
 * Healed → the first call the node answers (data plane), or trusted again (all others). A node that is replaced comes back
 * twice: as somebody else while the fault is in effect, and as itself.
 */
export const readmissions = (context: TimingContext): readonly Timing[] =>
  context.faults.flatMap((fault) => {
    if (fault.healedAt === null || fault.inEffectAt === null) return []
    const isDataPlane = (node: string): boolean =>
      context.topology?.nodes.find((each) => each.name === node)?.role === 'data-plane'
    const replacements = standsIn(fault.kind)
      ? [
          ...fault.targets.filter(isDataPlane).map((node) => firstAnswerInPlace(context, fault, node)),
          ...eachHolder(context, fault, (opinions, node) =>
            isDataPlane(node) ? [] : admissionInPlace(context, fault, opinions, node),
          ),
        ]
      : []
    const answering = fault.targets
      .filter((node) => isDataPlane(node) && !isStillHeld(context, fault, node))
      .map((node) => firstAnswer(context, fault, node))
    const trusted = eachHolder(context, fault, (opinions, node) =>
      isDataPlane(node) || isStillHeld(context, fault, node) ? [] : admission(context, fault, opinions, node),
    )
    return [...replacements, ...answering, ...trusted]
  })

type Opinions = readonly EventOf<'rotation'>[]

const eachHolder = (
  context: TimingContext,
  fault: FaultAnalysis,
  visit: (opinions: Opinions, node: string) => readonly Timing[],
): readonly Timing[] =>
  fault.targets.flatMap((node) => {
    const held = Map.groupBy(
      eventsOf(context.events, 'rotation').filter((event) => event.node === node),
      heldAs,
    )
    return [...held.values()].flatMap((opinions) =>
      visit(
        opinions.toSorted((a, b) => a.at - b.at),
        node,
      ),
    )
  })

const ejection = (
  context: TimingContext,
  fault: FaultAnalysis,
  opinions: Opinions,
  node: string,
): readonly Timing[] => {
  const { kind, intendedAt, id } = fault
  const check = checkOf(context, opinions, node)
  const keepsAnswering = leavesServing(kind) || opinions.some(({ balancer }) => isInTouch(fault, balancer))
  const predictedMaxMs = keepsAnswering ? null : predictedEjectionMs(kind, check)
  const base = {
    measure: 'ejection',
    of: node,
    at: nameOf(opinions, context),
    faultId: id,
    ...(predictedMaxMs !== null && { predictedMaxMs }),
  } as const
  // A drain is in effect when the balancer says so: what it took to say so counts from when it was told.
  const since = kind === 'drain' ? told(context, id) : (fault.inEffectBounds ?? at(fault.inEffectAt ?? intendedAt))
  const before = opinions.findLast((event) => event.at < intendedAt)
  // A backend that gives the node nothing, because another one is the primary, has nothing to take away.
  if (before?.state === 'standby') return []
  if (before && before.state !== 'in') return [{ ...base, took: { point: 0, min: 0, max: 0 }, censored: false }]
  const healedAt = stageAt(context.events, id, 'heal') ?? context.end
  const dropped = opinions.find((event) => event.at >= intendedAt && event.state !== 'in')
  if (dropped && dropped.at <= Math.max(healedAt, fault.healedAt ?? 0)) {
    return [{ ...base, took: between(since, [dropped.lastLookAt, dropped.at], context.clockErrorMs), censored: false }]
  }
  const waitedMs = waited(context, 'drops', node, fault)
  const lasted = Math.max(healedAt - since[1], waitedMs)
  // A replacement that the balancer found in time has kept the node in rotation: that it answers is judged on its own.
  if (standsIn(kind)) return []
  // Whom the balancer reaches as before it has no reason to drop; and where a balancer's checks are known and this backend's are not, it has
  // no traffic (checkAt): only who waited for it expects something.
  const isExpected = !keepsAnswering && !(check === undefined && knowsChecksOf(context, opinions))
  if (!isExpected && waitedMs === 0) return []
  // What was over before this balancer had to notice proves nothing about it.
  if (lasted < (predictedMaxMs ?? (kind === 'restart' ? Infinity : 0))) return []
  const isInVain =
    waitedMs >= Math.max(VAIN_LEAST_MS, 2 * (predictedMaxMs ?? 0)) &&
    isCheckKnown(context, check) &&
    !wasBlind(context, opinions, [since[1], healedAt])
  return [{ ...base, took: above(lasted), censored: true, ...(isInVain && { isInVain }) }]
}

/** Whether anybody knows how a balancer checks, if it does: one that may rightly take longer than somebody waits misses nothing. */
const isCheckKnown = ({ settings }: TimingContext, check: Settings['check']): boolean =>
  check !== undefined || settings?.lbCheck === 'none'

/** Whether a balancer that holds these opinions could not be asked for some of the time. */
const wasBlind = ({ events }: TimingContext, [first]: Opinions, [from, to]: Window): boolean =>
  eventsOf(events, 'rotation-blind').some(
    ({ balancer, since, at }) => balancer === first?.balancer && since < to && at > from,
  )

const firstAnswer = (context: TimingContext, fault: FaultAnalysis, node: string): Timing => {
  const healed = fault.healedAt ?? context.end
  const from = backFrom(context.events, fault) ?? healed
  const until = untilNextOn(context, fault, node)
  const first = firstAnswerOf(context, node, from)
  const base = readmissionOf(context, fault, node)
  if (first < until) return { ...base, took: between(at(healed), at(first), context.clockErrorMs), censored: false }
  return { ...base, took: above(Math.max(until - healed, waited(context, 'admits', node, fault))), censored: true }
}

/** In effect, when the replacement listens, → the first call that it answers under the node's name, before the heal, and stays in rotation. */
const firstAnswerInPlace = (context: TimingContext, fault: FaultAnalysis, node: string): Timing => {
  const since = fault.inEffectBounds ?? at(fault.inEffectAt ?? fault.intendedAt)
  const until = Math.min(
    stageAt(context.events, fault.id, 'heal') ?? context.end,
    // Of one that is broken in its turn nothing is asked from then on.
    context.faults.find((each) => each.targets.includes(node) && each.intendedAt > since[1])?.intendedAt ?? Infinity,
  )
  // The one before it was gone when this one was started: whoever answers from here on is the replacement.
  const first = firstAnswerToStay(context, node, [since[0], until])
  const base = { ...readmissionOf(context, fault, node), isReplacement: true }
  if (first < until) return { ...base, took: between(since, at(first), context.clockErrorMs), censored: false }
  return { ...base, took: above(until - since[1]), censored: true }
}

/** The first call that a node answers in a window in which no balancer drops it again soon; Infinity where there is none. */
const firstAnswerToStay = (context: TimingContext, node: string, [from, until]: Window): number => {
  const first = firstAnswerOf(context, node, from)
  const left = eventsOf(context.events, 'rotation').find(
    (event) => event.node === node && event.state === 'out' && event.at > first && event.at < until,
  )
  if (!left || left.at - first >= STAYS_MS) return first
  return firstAnswerToStay(context, node, [left.at, until])
}

const readmissionOf = (context: TimingContext, fault: FaultAnalysis, node: string) => {
  const predictedMaxMs = predictedReadmissionMs(kindsAtOnce(context, fault, node), context.settings?.check, {
    asksOthers: asksOthers(context, node),
  })
  const holders = eventsOf(context.events, 'rotation').filter((event) => event.node === node)
  return {
    measure: 'readmission',
    of: node,
    at: holders.length > 0 ? nameOf(holders, context) : 'callers',
    faultId: fault.id,
    ...(predictedMaxMs !== null && { predictedMaxMs }),
  } as const
}

const firstAnswerOf = ({ lanes }: TimingContext, node: string, from: number): number =>
  lanes.reduce((least, lane) => Math.min(least, firstAnswerIn(lane, node, from)), Infinity)

const firstAnswerIn = ({ calls }: AnalysedLane, node: string, from: number): number => {
  if (calls.lane.header.purpose !== 'callers') return Infinity
  let least = Infinity
  for (let i = firstAt(calls, from); i < calls.count; i += 1) {
    // Calls scheduled later may end earlier, but never before they were scheduled.
    if (scheduled(calls, i) >= least) break
    if (calls.code[i] === ANSWERED && answeringNode(calls, i) === node) least = Math.min(least, endedAt(calls, i))
  }
  return least
}

const admission = (
  context: TimingContext,
  fault: FaultAnalysis,
  opinions: Opinions,
  node: string,
): readonly Timing[] => {
  const healed = fault.healedAt ?? context.end
  const predictedMaxMs = predictedReadmissionMs(kindsAtOnce(context, fault, node), checkOf(context, opinions, node), {
    asksOthers: asksOthers(context, node),
  })
  const base = {
    measure: 'readmission',
    of: node,
    at: nameOf(opinions, context),
    faultId: fault.id,
    ...(predictedMaxMs !== null && { predictedMaxMs }),
  } as const
  const from = stageAt(context.events, fault.id, 'heal') ?? healed
  const before = opinions.findLast((event) => event.at < from)
  // A balancer that never dropped the node has nobody to admit.
  if (before === undefined || isTrusted(before.state)) {
    const droppedLater = opinions.some(
      (event) => event.at >= from && event.at < untilNextOn(context, fault, node) && !isTrusted(event.state),
    )
    if (!droppedLater) return []
  }
  const until = untilNextOn(context, fault, node)
  const admitted = admittedToStay(opinions, [from, until])
  if (admitted)
    return [
      { ...base, took: between(at(healed), [admitted.lastLookAt, admitted.at], context.clockErrorMs), censored: false },
    ]
  return [{ ...base, took: above(Math.max(until - healed, waited(context, 'admits', node, fault))), censored: true }]
}

/** In effect, or given back by the drain that held it then, → the replacement is trusted: before the heal, or the next fault on it. */
const admissionInPlace = (
  context: TimingContext,
  fault: FaultAnalysis,
  opinions: Opinions,
  node: string,
): readonly Timing[] => {
  const inEffect = fault.inEffectBounds ?? at(fault.inEffectAt ?? fault.intendedAt)
  const drained = drainAround(context, node, inEffect[0])
  const since = drained ? at(drained.healedAt ?? Infinity) : inEffect
  const until = Math.min(
    stageAt(context.events, fault.id, 'heal') ?? context.end,
    context.faults.find((each) => each.targets.includes(node) && each.intendedAt > since[1])?.intendedAt ?? Infinity,
  )
  // Held to its healing: nobody was asked to trust it.
  if (since[1] >= until) return []
  const base = {
    measure: 'readmission',
    of: node,
    at: nameOf(opinions, context),
    faultId: fault.id,
    isReplacement: true,
  } as const
  // The balancer is told that a drain is over before we know that it heard.
  const toldAt = (drained && stageAt(context.events, drained.id, 'heal')) ?? since[0]
  const from = Math.max(toldAt, inEffect[0])
  const isUntrusted = (begin: number, end: number): boolean =>
    opinions.some((event) => event.at >= begin && event.at < end && !isTrusted(event.state))
  const before = opinions.findLast((event) => event.at < from)
  if (before && isTrusted(before.state) && !isUntrusted(from, until)) {
    // Never dropped, it was found in time where the balancer had to notice; else nobody knows.
    const noticesMs = predictedEjectionMs(fault.kind, checkOf(context, opinions, node)) ?? Infinity
    const isKnown = isUntrusted(fault.intendedAt, from) || until - inEffect[1] >= noticesMs
    return isKnown ? [{ ...base, took: { point: 0, min: 0, max: 0 }, censored: false }] : []
  }
  const admitted = admittedToStay(opinions, [from, until])
  if (!admitted) return [{ ...base, took: above(until - since[1]), censored: true }]
  const took = between(since, [admitted.lastLookAt, admitted.at], context.clockErrorMs)
  return [{ ...base, took, censored: false }]
}

/** The drain that had the node at an instant. */
const drainAround = ({ faults }: TimingContext, node: string, instant: number): FaultAnalysis | undefined =>
  faults.find(
    ({ kind, targets, intendedAt, healedAt }) =>
      kind === 'drain' && targets.includes(node) && intendedAt < instant && (healedAt ?? Infinity) > instant,
  )

/** A node that was trusted for so long is back: what its balancer thinks of it later has another reason. */
const STAYS_MS = 10_000

/** When it was trusted anew, and for so long or to the end of the window. */
const admittedToStay = (opinions: Opinions, [from, until]: Window): Opinions[number] | undefined =>
  opinions.find((event, i) => {
    const isAnew = isTrusted(event.state) && !(event.was !== undefined && isTrusted(event.was))
    if (!isAnew || event.at < from || event.at >= until) return false
    const left = opinions.slice(i).find((later) => later.at < until && !isTrusted(later.state))
    return left === undefined || left.at - event.at >= STAYS_MS
  })

const at = (instant: number): Window => [instant, instant]

const told = (context: TimingContext, id: string): Window => {
  const intent = stageAt(context.events, id, 'intent') ?? 0
  return [intent, Math.max(intent, stageAt(context.events, id, 'injected') ?? intent)]
}

/** Whether another fault goes on holding the node out: a drained node that was restarted comes back when the drain ends. One that is slow is not held out. */
const isStillHeld = ({ faults }: TimingContext, fault: FaultAnalysis, node: string): boolean => {
  const healed = fault.healedAt ?? Infinity
  return faults.some(
    (each) =>
      each.id !== fault.id &&
      !leavesServing(each.kind) &&
      each.targets.includes(node) &&
      each.intendedAt < healed &&
      (each.healedAt ?? Infinity) > healed,
  )
}

/** Its own kind, and those of the faults that the node had meanwhile. */
const kindsAtOnce = ({ faults }: TimingContext, fault: FaultAnalysis, node: string): readonly FaultKind[] =>
  faults
    .filter(
      ({ targets, intendedAt, healedAt }) =>
        targets.includes(node) &&
        intendedAt <= (fault.healedAt ?? Infinity) &&
        (healedAt ?? Infinity) >= fault.intendedAt,
    )
    .map(({ kind }) => kind)

/** A control-plane node answers its check by its database, a member of the database by whom it follows, and a gateway only where it is asked for that. */
const asksOthers = ({ topology, settings }: TimingContext, node: string): boolean =>
  topology?.nodes.find((each) => each.name === node)?.role !== 'data-plane' || settings?.lbCheck === '/status/ready'

/** When the next fault on the same node was intended; the end of the run when there is none. */
const untilNextOn = ({ faults, end }: TimingContext, fault: FaultAnalysis, node: string): number =>
  Math.min(againBrokenAt(faults, fault, node), end)

/** How long somebody waited in vain for this node after this fault, counted from its effect (drops) or its healing (admits). */
const waited = (context: TimingContext, observed: 'drops' | 'admits', node: string, fault: FaultAnalysis): number => {
  const since = (observed === 'drops' ? fault.inEffectAt : fault.healedAt) ?? fault.intendedAt
  const until = untilNextOn(context, fault, node)
  const waits = eventsOf(context.events, 'observation').filter(
    (event) =>
      event.observed === observed &&
      event.outcome === 'ran-out' &&
      event.nodes.includes(node) &&
      event.at > since &&
      event.at <= until,
  )
  return waits.reduce((most, wait) => Math.max(most, Math.min(wait.waitedMs, wait.at - since)), 0)
}

/** How the backend that holds these opinions checks. Older records know of the callers' balancer alone. */
const checkOf = ({ topology, settings }: TimingContext, opinions: Opinions, node: string): Settings['check'] => {
  const role = topology?.nodes.find((each) => each.name === node)?.role
  const [first] = opinions
  const known = first && checkAt(settings, first, role === 'database')
  return known ?? (role === 'data-plane' ? settings?.check : undefined)
}

const knowsChecksOf = ({ settings }: TimingContext, [first]: Opinions): boolean =>
  first !== undefined && settings?.checks?.[first.balancer] !== undefined

/** The balancer's name; with its backend where it holds the node in several. */
const nameOf = (opinions: Opinions, { events }: TimingContext): string => {
  const [first] = opinions
  if (!first) return 'callers'
  const backends = new Set(
    eventsOf(events, 'rotation')
      .filter((event) => event.balancer === first.balancer && event.node === first.node)
      .map((event) => event.backend),
  )
  return backends.size > 1 ? `${first.balancer} (${first.backend})` : first.balancer
}
