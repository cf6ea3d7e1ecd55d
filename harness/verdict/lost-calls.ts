// Judges what callers lost: calls, time, and the share that was answered.
import type { JudgedLane, LaneAnalysis } from '../analysis/analysis.ts'
import { mostHit } from '../analysis/attribution.ts'
import { sayMs } from '../time/duration.ts'
import {
  atMost,
  type Case,
  type Judge,
  lanesFor,
  limitMs,
  limitNumber,
  notMeasured,
  type Ruling,
  worstOf,
} from './case.ts'
import { culpritOf } from './culprit.ts'
import { type Allowance, allowances } from './defaults.ts'
import { sayDirect } from './direct.ts'
import { sayCall, sayCount, sayFault, sayList, sayShare } from './say.ts'
import type { VerdictOutcome } from './verdict.ts'

/** Lost calls of all caller lanes against the author's number, or against none. */
export const lostCalls: Judge = (of, demanded) => {
  const limit = demanded === 'any' ? Number.POSITIVE_INFINITY : limitNumber(demanded)
  const total = totalOf(of)
  if (!total) return nobodyCalled('calls')
  return { ...told(of, total), outcome: atMost(total.lost, total.lost - total.inDoubt, limit) }
}

/** The same against what a healthy deployment may lose, fault by fault: one fault's restraint excuses no other's losses. */
export const lostCallsByDefault = (of: Case): Ruling => {
  const total = totalOf(of)
  if (!total) return nobodyCalled('calls')
  const over = allowances(of).flatMap((each) => {
    const outcome = overspent(each)
    return outcome === 'pass' ? [] : [{ ...each, outcome }]
  })
  const outcome: VerdictOutcome = over.some((each) => each.outcome === 'fail')
    ? 'fail'
    : over.length > 0
      ? 'inconclusive'
      : 'pass'
  const ruling = told(of, total)
  const why = over.map((each) => {
    const { fault, losses, allowed, because } = each
    return ` ${sayFault(fault)} cost ${sayCount(losses.lost, 'call')} (${losses.inFlightOnTarget} in flight on it, ${losses.scheduledLater} scheduled later${sayElsewhere(each)}) where ${allowed ?? 'an unknown number'} may be lost: ${because}.`
  })
  return { ...ruling, outcome, because: ruling.because + why.join('') }
}

/** Lost calls as time, lost / rate, of the worst lane. */
export const lostTime: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const worst = worstLane(of, ({ lostMs, lostInDoubtMs }) => ({
    badness: lostMs,
    outcome: atMost(lostMs, lostMs - lostInDoubtMs, limit),
  }))
  if (!worst) return nobodyCalled('ms')
  const { lane, judged, badness, outcome } = worst
  return {
    measured: badness,
    unit: 'ms',
    outcome,
    because:
      badness === 0
        ? 'No lane lost a call.'
        : `Lane ${lane.lane} lost ${sayCount(judged.lost, 'call')}, as many as it makes in ${sayMs(badness)}.`,
    ...blame(of, [judged]),
  }
}

/** Answered over all that ended, of the worst lane. */
export const availability: Judge = (of, demanded) => {
  const least = limitNumber(demanded)
  const worst = worstLane(of, ({ answered, lost, lostInDoubt }) => {
    const all = answered + lost
    // A lane that nobody called shows nothing.
    if (all === 0) return { badness: 1, outcome: 'inconclusive' }
    const certain = (answered + lostInDoubt) / all
    return {
      badness: lost / all,
      outcome: certain < least ? 'fail' : answered / all >= least ? 'pass' : 'inconclusive',
    }
  })
  if (!worst || worst.judged.answered + worst.judged.lost === 0) return nobodyCalled('ratio')
  const { lane, judged, outcome } = worst
  const all = judged.answered + judged.lost
  return {
    measured: judged.answered / all,
    unit: 'ratio',
    outcome,
    because: `Lane ${lane.lane} was answered ${judged.answered} of ${all} times, ${sayShare(judged.answered / all)}.`,
    ...blame(of, [judged]),
  }
}

const nobodyCalled = (unit: Ruling['unit']): Ruling =>
  notMeasured(unit, 'There was no caller lane in the judged window, so nobody could lose anything.')

interface Total {
  readonly lost: number
  readonly inDoubt: number
  readonly of: number
  readonly lanes: readonly (readonly [LaneAnalysis, JudgedLane])[]
}

const totalOf = (of: Case): Total | null => {
  const lanes = lanesFor(of, 'callers').flatMap((lane) => (lane.judged ? [[lane, lane.judged] as const] : []))
  const calls = lanes.reduce((sum, [, judged]) => sum + judged.answered + judged.lost, 0)
  if (calls === 0) return null
  return { lost: sum(lanes, 'lost'), inDoubt: sum(lanes, 'lostInDoubt'), of: calls, lanes }
}

const sum = (lanes: Total['lanes'], what: 'lost' | 'lostInDoubt'): number =>
  lanes.reduce((all, [, judged]) => all + judged[what], 0)

const told = (of: Case, total: Total): Omit<Ruling, 'outcome'> => {
  if (total.lost === 0) return { measured: 0, unit: 'calls', because: `Every one of ${total.of} calls was answered.` }
  const hit = total.lanes.filter(([, judged]) => judged.lost > 0)
  const first = hit.flatMap(([, { firstLost }]) => firstLost ?? []).sort((a, b) => a.at - b.at)[0]
  const last = hit.flatMap(([, { lastLost }]) => lastLost ?? []).sort((a, b) => b.at - a.at)[0]
  const doubt = total.inDoubt > 0 ? `, ${total.inDoubt} of them while the machine itself was disturbed` : ''
  const named = first && last ? ` First ${sayCall(first)}, last ${sayCall(last)}.` : ''
  const joined = mostHit(lostByNodeOf(hit.map(([, judged]) => judged)))
  const direct = first && last ? sayDirect(of, joined, [first.at, last.at]) : ''
  const lanes = sayList(hit.map(([lane, judged]) => `${lane.lane} (${judged.lost})`))
  return {
    measured: total.lost,
    unit: 'calls',
    because: `${total.lost} of ${total.of} calls were not answered${doubt}, on ${lanes}.${named}${direct}`,
    ...blame(
      of,
      hit.map(([, judged]) => judged),
    ),
  }
}

const blame = (of: Case, lanes: readonly JudgedLane[]): Pick<Ruling, 'at' | 'culprit'> => {
  const at = lanes.flatMap(({ firstLost }) => firstLost?.at ?? []).sort((a, b) => a - b)[0]
  const culprit = culpritOf(of, lostByNodeOf(lanes), at)
  return { ...(at !== undefined && { at }), ...(culprit !== undefined && { culprit }) }
}

/** Lost calls by the node they join to, of several lanes together. */
export const lostByNodeOf = (lanes: readonly Pick<JudgedLane, 'lostByNode'>[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { lostByNode } of lanes)
    for (const [node, lost] of Object.entries(lostByNode)) counts[node] = (counts[node] ?? 0) + lost
  return counts
}

interface Ruled {
  readonly badness: number
  readonly outcome: VerdictOutcome
}

/** Of the lanes that end worst, the one that lost most: what is in doubt on one excuses no other. */
const worstLane = (
  of: Case,
  rule: (judged: JudgedLane) => Ruled,
): (Ruled & { readonly lane: LaneAnalysis; readonly judged: JudgedLane }) | undefined => {
  const ruled = lanesFor(of, 'callers').flatMap((lane) =>
    lane.judged ? [{ lane, judged: lane.judged, ...rule(lane.judged) }] : [],
  )
  const outcome = worstOf(ruled.map((each) => each.outcome))
  return ruled.filter((each) => each.outcome === outcome).sort((a, b) => b.badness - a.badness)[0]
}

interface Elsewhere {
  readonly whileOut: number
  readonly after: number
  readonly byOthers: number
}

/** Calls that a fault which costs its share until it is dropped cannot have cost: its gateways were out of rotation, or it was over, or another gateway answered badly. */
const lostElsewhere = ({ losses, isUntilEjected }: Allowance): Elsewhere =>
  isUntilEjected
    ? { whileOut: losses.whileOut ?? 0, after: losses.afterReturn ?? 0, byOthers: losses.byOthers ?? 0 }
    : { whileOut: 0, after: 0, byOthers: 0 }

const sayElsewhere = (allowance: Allowance): string => {
  const { whileOut, after, byOthers } = lostElsewhere(allowance)
  return [
    whileOut > 0 ? `, ${whileOut} while all of it was out of rotation and can have cost none` : '',
    after > 0 ? `, ${after} after its heal, when it was over` : '',
    byOthers > 0 ? `, ${byOthers} answered badly by gateways that nothing was done to` : '',
  ].join('')
}

const overspent = (allowance: Allowance): VerdictOutcome => {
  const { losses, allowed, allowedInDoubt = 0 } = allowance
  const { whileOut, after, byOthers } = lostElsewhere(allowance)
  if (whileOut + after + byOthers > 0) return 'fail'
  if (allowed === null) return 'inconclusive'
  // What is allowed call by call and in doubt besides is taken off once: else it would excuse as many that are certain.
  return atMost(losses.lost, losses.lost - ((losses.inDoubt ?? 0) - allowedInDoubt), allowed)
}
