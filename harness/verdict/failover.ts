// Judges how long the deployment took: ejection, readmission, recovery and convergence.
import type { ChangeAnalysis, Timing } from '../analysis/analysis.ts'
import { isInTouch } from '../analysis/holders.ts'
import { STABLE_MS } from '../analysis/recovery.ts'
import { eventsOf } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import { admittedStale } from './admitted-stale.ts'
import { type Case, type Judge, limitMs, notMeasured, type Ruling, watchingLanes, within, worstOf } from './case.ts'
import { balancerOf } from './culprit.ts'
import { firstDirectAnswer, sayDirect } from './direct.ts'
import { sayAnomaly, sayAt, sayBounded, sayByTurns, sayCount, sayFault, sayList } from './say.ts'
import { waitedForUnaccepted } from './unaccepted.ts'
import type { VerdictOutcome } from './verdict.ts'

/** In effect → the balancers drop the node. */
export const ejection: Judge = (of, demanded) =>
  judgeTimings(of, demanded, timingsOf(of, 'ejection'), {
    nothing: 'No balancer holds a node that was broken, or no fault took effect: there is no ejection to measure.',
    culprit: (timing) => (keepsItselfIn(of, timing) ? timing.of : balancerOf(timing.at)),
  })

/** HAProxy's word for a check that was answered, and well. */
const ANSWERED_WELL = /^L7OK/

/** Whether a node that its balancer reached all the while had answered that one's check well when it was last told of: nobody told the balancer to drop it. */
const keepsItselfIn = ({ analysis, history }: Case, { of: node, at, took, faultId }: Timing): boolean => {
  const fault = analysis.faults.find(({ id }) => id === faultId)
  const balancer = balancerOf(at)
  if (!fault || !isInTouch(fault, balancer)) return false
  const until = (fault.inEffectAt ?? fault.intendedAt) + took.point
  const last = eventsOf(history.events, 'rotation').findLast(
    (event) => event.node === node && event.balancer === balancer && event.at <= until,
  )
  return ANSWERED_WELL.test(last?.reason ?? '')
}

/** Healed → the first call the node answers to stay; and never before it is ready. */
export const readmission: Judge = (of, demanded) => {
  const early = earlyReadmission(of)
  if (early) return early
  return judgeTimings(of, demanded, timingsOf(of, 'readmission'), {
    nothing: 'No node that was healed came back under anybody’s eyes: there is no readmission to measure.',
    culprit: (timing) =>
      isProvenToListen(of, timing) || isKeptWaiting(of, timing) ? balancerOf(timing.at) : timing.of,
  })
}

/** A replacement that is proven to run and to be found by its name is there to be taken: whoever does not is to blame. */
const isProvenToListen = ({ analysis }: Case, { isReplacement, faultId }: Timing): boolean =>
  isReplacement === true && analysis.faults.some(({ id, kind }) => id === faultId && kind === 'replace')

/** Whether a node that came back answered whoever called it past its balancer for most of the time that this gave it nothing. */
const isKeptWaiting = (of: Case, timing: Timing): boolean => {
  const healedAt = beganAt(of, timing)
  const answeredAt = healedAt === undefined ? null : firstDirectAnswer(of, timing.of, healedAt)
  return answeredAt !== null && healedAt !== undefined && answeredAt - healedAt < timing.took.point / 2
}

/** Calls that reached a node before it was ready: a failure whatever was demanded; null when there were none. */
export const earlyReadmission = ({ analysis }: Case): Ruling | null => {
  const [first] = analysis.earlyCalls
  const last = analysis.earlyCalls.at(-1)
  if (!first || !last) return null
  const nodes = [...new Set(analysis.earlyCalls.map((call) => call.node))]
  return {
    measured: null,
    unit: 'ms',
    outcome: 'fail',
    because: `${sayCount(analysis.earlyCalls.length, 'call')} reached ${sayList(nodes)} before it was ready: the first on lane ${first.lane} at ${sayAt(first.at)}, the last at ${sayAt(last.at)}, and at ${sayAt(first.notReadyAt)} it still said that it was not ready.`,
    culprit: nodes.join(', '),
    at: first.at,
  }
}

/**
 * Healed → stable. What the next fault cut short by then is a failure where it had lasted too long already, and nothing else. A lane of which the
 * machine left too few calls to tell lets nothing pass, however the others were.
 */
export const recovery: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const overdue = of.analysis.unrecovered.filter(({ took }) => took.point > limit)
  const ruling = judgeTimings(of, demanded, [...timingsOf(of, 'recovery'), ...overdue], {
    nothing:
      'No fault was healed under callers’ eyes, or too few of their calls were undisturbed by the machine: there is no recovery to measure.',
    culprit: () => undefined,
  })
  const [untold] = ruling.outcome === 'pass' ? untoldRecoveries(of) : []
  return untold ? notMeasured('ms', untold) : ruling
}

/** Of whom nobody can say how long it was, though no other fault came in between. */
const untoldRecoveries = (of: Case): readonly string[] => {
  const { faults } = of.analysis
  const timings = timingsOf(of, 'recovery')
  return faults.flatMap((fault) => {
    const { id, healedAt, inEffectAt } = fault
    if (healedAt === null || inEffectAt === null || faults.some((each) => each.intendedAt > healedAt)) return []
    return watchingLanes(of)
      .filter(({ lane }) => !timings.some(({ faultId, at }) => faultId === id && at === lane))
      .map(
        ({ lane }) =>
          `Too few calls of lane ${lane} were undisturbed by the machine after ${sayFault(fault)} was healed: nobody knows when it was as before.`,
      )
  })
}

/** Accepted → seen at every gateway that was in rotation; whoever was not has to have it before it is admitted. */
export const convergence: Judge = (of, demanded) => {
  const [stale] = of.analysis.stream?.anomalies.filter(({ kind }) => kind === 'stale') ?? []
  if (stale)
    return {
      measured: limitMs(demanded),
      unit: 'ms',
      outcome: 'fail',
      culprit: sayList(stale.nodes),
      at: stale.at,
      because: `${sayList(stale.nodes)} still showed ${sayAnomaly(stale)} more than ${sayMs(limitMs(demanded))} after another write of ${stale.key} was accepted.`,
    }
  const admitted = admittedStale(of)
  if (admitted) return admitted
  const followed = streamAlone(of, limitMs(demanded))
  if (followed) return followed
  const ruling = judgeTimings(of, demanded, timingsOf(of, 'convergence'), {
    nothing: 'No accepted change was looked for at any gateway: there is no convergence to measure.',
    culprit: (timing) => timing.at,
  })
  const unseen = of.analysis.changes.filter(
    (change) =>
      change.acceptedAt !== null &&
      change.acceptedAt >= of.window[0] &&
      !of.analysis.timings.some((timing) => timing.measure === 'convergence' && timing.of === change.id),
  )
  if (ruling.outcome === 'fail') return ruling
  const unaccepted = waitedForUnaccepted(of, 'ms')
  if (unaccepted) return { ...ruling, outcome: unaccepted.outcome, because: `${ruling.because} ${unaccepted.because}` }
  if (ruling.outcome !== 'pass' || unseen.length === 0) return ruling
  return {
    ...ruling,
    outcome: 'inconclusive',
    because: `${ruling.because} Nobody looked for ${sayList(unseen.map((change) => `'${change.what}'`))}.`,
  }
}

/** Where there was no change but those of a stream: it is judged by what gateways showed of what another write had replaced. Null where it says nothing. */
const streamAlone = ({ analysis }: Case, limit: number): Ruling | null => {
  const { stream, changes } = analysis
  if (!stream || changes.length > 0 || stream.accepted === 0) return null
  const gateways = analysis.nodes.filter(({ role }) => role === 'data-plane')
  const isSeen = ({ node }: { node: string }) => stream.gateways.includes(node) && !stream.unseenAtEnd.includes(node)
  if (gateways.length === 0 || !gateways.every(isSeen)) return null
  if (stream.anomalies.some(({ kind }) => kind === 'unsettled')) return null
  return {
    measured: null,
    unit: 'ms',
    outcome: 'pass',
    because: `Of ${sayCount(stream.accepted, 'accepted write')} of the stream no gateway showed one for more than ${sayMs(limit)} after another had replaced it.`,
  }
}

interface Words {
  readonly nothing: string
  readonly culprit: (timing: Timing) => string | undefined
}

const timingsOf = ({ analysis }: Case, measure: Timing['measure']): readonly Timing[] =>
  analysis.timings.filter((timing) => timing.measure === measure)

const judgeTimings = (of: Case, demanded: string | number, timings: readonly Timing[], words: Words): Ruling => {
  const limit = limitMs(demanded)
  const judged = timings.map((timing) => ({ timing, outcome: ruleOn(timing, limit) }))
  const outcome = worstOf(judged.map((each) => each.outcome))
  const [worst] = judged
    .filter((each) => each.outcome === outcome)
    .sort((a, b) => b.timing.took.point - a.timing.took.point)
  if (!worst) return notMeasured('ms', words.nothing)
  const { timing } = worst
  const culprit = outcome === 'pass' ? undefined : words.culprit(timing)
  const began = beganAt(of, timing)
  return {
    measured: timing.took.point,
    unit: 'ms',
    outcome,
    because: `${sentence(of, timing)}${outcome === 'pass' ? '' : directly(of, timing)}`,
    ...(culprit !== undefined && { culprit }),
    ...(began !== undefined && { at: began }),
  }
}

const ruleOn = ({ took, censored, isInVain }: Timing, limit: number): VerdictOutcome => {
  if (!censored) return within(took, limit)
  if (isInVain) return 'fail'
  // It ran out: the truth is above what was waited. Above the limit that is a failure, below it nobody knows.
  return took.point > limit ? 'fail' : 'inconclusive'
}

const sentence = (of: Case, timing: Timing): string => {
  const { measure, took, censored } = timing
  const length = censored ? `more than ${sayMs(took.point)} (nobody saw it happen)` : sayBounded(took)
  const predicted =
    timing.predictedMaxMs === undefined
      ? ''
      : `; the balancer’s configuration predicts at most ${sayMs(timing.predictedMaxMs)}`
  const fault = of.analysis.faults.find((each) => each.id === timing.faultId)
  const after = fault ? sayFault(fault) : 'the fault'
  switch (measure) {
    case 'ejection':
      if (timing.isInVain)
        return `${timing.at} did not drop ${timing.of} in the ${sayMs(took.point)} since ${after} was in effect, though it was waited for${predicted}.`
      return `${timing.at} took ${length} to drop ${timing.of} once ${after} was in effect${predicted}.`
    case 'readmission':
      if (timing.isReplacement)
        return `${timing.at} took ${length} to take in the replacement of ${timing.of} once that ran under its name${predicted}.`
      return `${timing.of} took ${length} to be back in service at ${timing.at} after ${after} was healed${predicted}.`
    case 'failover':
      return `${timing.at} took ${length} to give writes to another member than ${timing.of} once ${after} was in effect${predicted}.`
    case 'recovery':
      if (took.point === 0 && !censored)
        return `Lane ${timing.at} was as before when ${after} was healed, and stayed so for ${STABLE_MS / 1000} s.`
      return `Lane ${timing.at} took ${length} to be as before, and stay so for ${STABLE_MS / 1000} s, after ${after} was healed.`
    case 'convergence':
      return `Change '${changeOf(of, timing)?.what ?? timing.of}' took ${length} from its acceptance to ${timing.at}.${sayByTurns(changeOf(of, timing) ?? {}, [timing.at])}`
  }
}

/** What the node said past its balancer while it was waited for. */
const directly = (of: Case, timing: Timing): string => {
  const began = beganAt(of, timing)
  const isWaitedFor = timing.measure === 'ejection' || timing.measure === 'readmission'
  return isWaitedFor && began !== undefined ? sayDirect(of, [timing.of], [began, began + timing.took.point]) : ''
}

const changeOf = ({ analysis }: Case, timing: Timing): ChangeAnalysis | undefined =>
  analysis.changes.find((change) => change.id === timing.of)

const beganAt = (of: Case, timing: Timing): number | undefined => {
  const fault = of.analysis.faults.find((each) => each.id === timing.faultId)
  const began =
    timing.measure === 'ejection' || timing.isReplacement
      ? fault?.inEffectAt
      : timing.measure === 'convergence'
        ? changeOf(of, timing)?.acceptedAt
        : fault?.healedAt
  return began ?? undefined
}
