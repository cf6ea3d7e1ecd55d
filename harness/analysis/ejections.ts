// How long balancers took to drop a node that was broken: with bounds, or censored where they never did.
import { eventsOf, type Settings, stageAt, standsIn } from '../history/event.ts'
import { leastVainMs } from '../topology/check.ts'
import { waitedInVain } from './aftermath.ts'
import type { FaultAnalysis, Timing, Window } from './analysis.ts'
import { atEachHolder, checkOf, isInTouch, knowsChecksOf, nameOf, type Opinions } from './holders.ts'
import { leavesServing, predictedEjectionMs } from './predictions.ts'
import { above, between, effectOf, type TimingContext } from './timing.ts'

/** In effect → dropped, per fault, target and backend that holds it. */
export const ejections = (context: TimingContext): readonly Timing[] =>
  context.faults.flatMap((fault) =>
    fault.inEffectAt === null
      ? []
      : atEachHolder(context, fault, (opinions, node) => ejection(context, fault, opinions, node)),
  )

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
  const since = kind === 'drain' ? told(context, id) : effectOf(fault)
  const before = opinions.findLast((event) => event.at < intendedAt)
  // A backend that gives the node nothing, because another one is the primary, has nothing to take away.
  if (before?.state === 'standby') return []
  if (before && before.state !== 'in') return [{ ...base, took: { point: 0, min: 0, max: 0 }, censored: false }]
  const healedAt = stageAt(context.events, id, 'heal') ?? context.end
  const dropped = opinions.find((event) => event.at >= intendedAt && event.state !== 'in')
  if (dropped && dropped.at <= Math.max(healedAt, fault.healedAt ?? 0)) {
    return [{ ...base, took: between(since, [dropped.lastLookAt, dropped.at], context.clockErrorMs), censored: false }]
  }
  const waitedMs = waitedInVain(context, 'drops', node, fault)
  const lasted = Math.max(healedAt - since[1], waitedMs)
  // A replacement that the balancer found in time has kept the node in rotation: that it answers is judged on its own.
  if (standsIn(kind)) return []
  // A balancer has no reason to drop a node that it still reaches; and where its checks are known and this backend's are not, the backend has
  // no traffic (checkAt). There a drop is expected only where the script waited for it.
  const isExpected = !keepsAnswering && !(check === undefined && knowsChecksOf(context, opinions))
  if (!isExpected && waitedMs === 0) return []
  // What was over before this balancer had to notice proves nothing about it.
  if (lasted < (predictedMaxMs ?? (kind === 'restart' ? Infinity : 0))) return []
  const isInVain =
    waitedMs >= leastVainMs(predictedMaxMs ?? 0) &&
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

const told = (context: TimingContext, id: string): Window => {
  const intent = stageAt(context.events, id, 'intent') ?? 0
  return [intent, Math.max(intent, stageAt(context.events, id, 'injected') ?? intent)]
}
