// How long a node took to serve again once it was healed, or its replacement was there: with bounds, or censored where it never did.
import { eventsOf, type FaultKind, isTrusted, type Settings, stageAt, standsIn } from '../history/event.ts'
import { roleOf } from '../topology/topology.ts'
import { backFrom, untilNextOn, waitedInVain } from './aftermath.ts'
import type { FaultAnalysis, Timing } from './analysis.ts'
import { admittedToStay, firstAnswerToStay, isAnyoneNamed } from './back-to-stay.ts'
import { atEachHolder, checkOf, nameOf, type Opinions } from './holders.ts'
import { leavesServing, predictedEjectionMs, predictedReadmissionMs } from './predictions.ts'
import { above, at, between, effectOf, type TimingContext } from './timing.ts'

/**
 * Healed → the first call the node answers to stay (data plane), or trusted again to stay (all others). A node that is replaced comes back
 * twice: as somebody else while the fault is in effect, and as itself. Of gateways nothing where no answer says whose it is.
 */
export const readmissions = (context: TimingContext): readonly Timing[] => {
  const areNamed = isAnyoneNamed(context)
  return context.faults.flatMap((fault) => {
    if (fault.healedAt === null || fault.inEffectAt === null) return []
    const isDataPlane = (node: string): boolean => roleOf(context.topology, node) === 'data-plane'
    const replacements = standsIn(fault.kind)
      ? [
          ...fault.targets
            .filter((node) => areNamed && isDataPlane(node))
            .map((node) => firstAnswerInPlace(context, fault, node)),
          ...atEachHolder(context, fault, (opinions, node) =>
            isDataPlane(node) ? [] : admissionInPlace(context, fault, opinions, node),
          ),
        ]
      : []
    const answering = fault.targets
      .filter((node) => areNamed && isDataPlane(node) && !isStillHeld(context, fault, node))
      .map((node) => firstAnswer(context, fault, node))
    const trusted = atEachHolder(context, fault, (opinions, node) =>
      isDataPlane(node) || isStillHeld(context, fault, node) ? [] : admission(context, fault, opinions, node),
    )
    return [...replacements, ...answering, ...trusted]
  })
}

const firstAnswer = (context: TimingContext, fault: FaultAnalysis, node: string): Timing => {
  const healed = fault.healedAt ?? context.end
  const from = backFrom(context.events, fault) ?? healed
  const until = untilNextOn(context, fault, node)
  const first = firstAnswerToStay(context, node, [from, until])
  const base = byCallers(context, fault, node)
  if (first < until) return { ...base, took: between(at(healed), at(first), context.clockErrorMs), censored: false }
  return {
    ...base,
    took: above(Math.max(until - healed, waitedInVain(context, 'admits', node, fault))),
    censored: true,
  }
}

/** In effect, when the replacement listens, → the first call that it answers under the node's name, before the heal, and stays in rotation. */
const firstAnswerInPlace = (context: TimingContext, fault: FaultAnalysis, node: string): Timing => {
  const since = effectOf(fault)
  const until = Math.min(
    stageAt(context.events, fault.id, 'heal') ?? context.end,
    // Of one that is broken in its turn nothing is asked from then on.
    context.faults.find((each) => each.targets.includes(node) && each.intendedAt > since[1])?.intendedAt ?? Infinity,
  )
  // The one before it was gone when this one was started: whoever answers from here on is the replacement.
  const first = firstAnswerToStay(context, node, [since[0], until])
  const base = { ...byCallers(context, fault, node), isReplacement: true }
  if (first < until) return { ...base, took: between(since, at(first), context.clockErrorMs), censored: false }
  return { ...base, took: above(until - since[1]), censored: true }
}

type Base = Omit<Timing, 'took' | 'censored'>

/** By the calls that a gateway answers: of whichever backend gives them to it. */
const byCallers = (context: TimingContext, fault: FaultAnalysis, node: string): Base => {
  const opinions = eventsOf(context.events, 'rotation').filter((event) => event.node === node)
  return baseOf(context, fault, { node, opinions, check: context.settings?.check })
}

/** What is said of a readmission before it is measured. */
const baseOf = (
  context: TimingContext,
  fault: FaultAnalysis,
  { node, opinions, check }: { readonly node: string; readonly opinions: Opinions; readonly check: Settings['check'] },
): Base => {
  const predictedMaxMs = predictedReadmissionMs(kindsAtOnce(context, fault, node), check, {
    asksOthers: asksOthers(context, node),
  })
  return {
    measure: 'readmission',
    of: node,
    at: nameOf(opinions, context),
    faultId: fault.id,
    ...(predictedMaxMs !== null && { predictedMaxMs }),
  }
}

const admission = (
  context: TimingContext,
  fault: FaultAnalysis,
  opinions: Opinions,
  node: string,
): readonly Timing[] => {
  const healed = fault.healedAt ?? context.end
  const base = baseOf(context, fault, { node, opinions, check: checkOf(context, opinions, node) })
  const until = untilNextOn(context, fault, node)
  const from = stageAt(context.events, fault.id, 'heal') ?? healed
  const before = opinions.findLast((event) => event.at < from)
  // A balancer that never dropped the node has nobody to admit.
  if (before === undefined || isTrusted(before.state)) {
    const droppedLater = opinions.some((event) => event.at >= from && event.at < until && !isTrusted(event.state))
    if (!droppedLater) return []
  }
  const admitted = admittedToStay(context, opinions, node, [from, until])
  if (admitted)
    return [
      { ...base, took: between(at(healed), [admitted.lastLookAt, admitted.at], context.clockErrorMs), censored: false },
    ]
  return [
    { ...base, took: above(Math.max(until - healed, waitedInVain(context, 'admits', node, fault))), censored: true },
  ]
}

/** In effect, or given back by the drain that held it then, → the replacement is trusted: before the heal, or the next fault on it. */
const admissionInPlace = (
  context: TimingContext,
  fault: FaultAnalysis,
  opinions: Opinions,
  node: string,
): readonly Timing[] => {
  const inEffect = effectOf(fault)
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
  const admitted = admittedToStay(context, opinions, node, [from, until])
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
  roleOf(topology, node) !== 'data-plane' || settings?.lbCheck === '/status/ready'
