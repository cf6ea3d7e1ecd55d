// Judges full outages of callers, partial ones, and full outages of the Dashboard.
import type { LaneAnalysis, Outage } from '../analysis/analysis.ts'
import { RESOLUTION_MS, SHORT_SHARE } from '../analysis/machine.ts'
import { meets } from '../analysis/windows.ts'
import { sayMs } from '../time/duration.ts'
import {
  type Case,
  type Judge,
  lanesFor,
  limitMs,
  notMeasured,
  type Ruling,
  watchingLanes,
  within,
  worstOf,
} from './case.ts'
import { balancersBefore, culpritOf } from './culprit.ts'
import { answersDirectly } from './direct.ts'
import { balancersThatTrustNobody, sayEmpty } from './emptied.ts'
import { sayPlacement } from './placement.ts'
import { sayBounded, sayCall, sayList, sayWhen } from './say.ts'
import type { VerdictOutcome } from './verdict.ts'

/** No caller lane may go unanswered for longer than the limit; a limit below what a lane can see means none that it saw. */
export const fullOutage: Judge = (of, demanded) =>
  judgeFull(of, demanded, {
    lanes: lanesFor(of, 'callers'),
    watching: watchingLanes(of),
    whom: 'callers',
    coarsestMs: RESOLUTION_MS,
  })

/**
 * The same for the lanes that read the Dashboard. Gateways come before everybody else where processors are short, and control planes after
 * them: whether one hung or had no processor is not told from an outage throughout which there was none to be had, however long it was.
 */
export const dashboardOutage: Judge = (of, demanded) => {
  const lanes = lanesFor(of, 'dashboard')
  const ruling = judgeFull(of, demanded, {
    lanes,
    watching: lanes,
    whom: 'the Dashboard',
    coarsestMs: Infinity,
    excuse: ({ waitedMs = 0, from, to }) =>
      waitedMs < SHORT_SHARE * (to - from)
        ? null
        : `There was no processor to be had for ${sayMs(waitedMs)} between the answers before and after it, so nobody can tell whether it was the Dashboard.`,
  })
  const opened = Math.min(...lanes.map(({ series }) => series.from))
  // They are opened by the sign-in, whenever a script has that.
  if (ruling.outcome !== 'pass' || opened <= of.window[0]) return ruling
  return notMeasured('ms', `The Dashboard was first called at ${sayWhen(of, opened)}: what it did before, nobody saw.`)
}

/** No caller lane may have too many of its calls lost for longer than the limit. */
export const partialOutage: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const lanes = lanesFor(of, 'callers')
  if (lanes.length === 0) return notMeasured('ms', 'There was no caller lane, so nobody could see a partial outage.')
  const judged = lanes.flatMap((lane) =>
    outagesOf(of, lane, 'partial').map((outage) => ({ outage, outcome: ruleOn(outage, limit) })),
  )
  const outcome = worstOf(judged.map((each) => each.outcome))
  const worst = longest(judged.filter((each) => each.outcome === outcome).map((each) => each.outage))
  const open = unendedIn(judged)
  if (outcome !== 'fail') {
    const doubtful = lanes.flatMap((lane) => outagesOf(of, { outages: lane.doubtfulPartials ?? [] }, 'partial'))
    const [possible] = doubtful.filter((each) => within(each.length, limit) !== 'pass')
    if (possible)
      return { ...told(of, possible, lanes), because: sayDoubtful(of, possible), outcome: 'inconclusive', ...open }
  }
  if (!worst) return { measured: 0, unit: 'ms', outcome, because: `No partial outage on ${sayLanes(lanes)}.` }
  return { ...told(of, worst, lanes), outcome, ...open }
}

interface Watched {
  readonly lanes: readonly LaneAnalysis[]
  /** Those among them that vouch that there was none. */
  readonly watching: readonly LaneAnalysis[]
  readonly whom: string
  /** A lane that sees no better than this proves nothing about shorter outages. */
  readonly coarsestMs: number
  /** Why an outage above the limit is no failure; null where nothing excuses it. */
  readonly excuse?: (outage: Outage) => string | null
}

const judgeFull = (
  of: Case,
  demanded: string | number,
  { lanes, watching, whom, coarsestMs, excuse = () => null }: Watched,
): Ruling => {
  const limit = limitMs(demanded)
  if (lanes.length === 0) return notMeasured('ms', `There was no lane of ${whom}, so nobody could see a full outage.`)
  const judged = lanes.flatMap((lane) =>
    outagesOf(of, lane, 'full').map((outage) => {
      const outcome = ruleOn(outage, limit, outage.floorMs ?? lane.floorMs)
      return { outage, outcome: outcome === 'fail' && excuse(outage) !== null ? 'inconclusive' : outcome }
    }),
  )
  const open = unendedIn(judged)
  const outcome = worstOf(judged.map((each) => each.outcome))
  const worst = longest(judged.filter((each) => each.outcome === outcome).map((each) => each.outage))
  const floor = Math.max(...watching.map((lane) => lane.floorMs))
  if (outcome !== 'fail') {
    const hidden = of.analysis.doubts.find(
      (doubt) =>
        doubt.lane !== undefined &&
        watching.some((lane) => lane.lane === doubt.lane) &&
        meets(doubt.window, of.window) &&
        doubt.window[1] - doubt.window[0] > limit,
    )
    if (hidden) return { ...notMeasured('ms', hidden.because), ...open }
    if (floor > Math.max(coarsestMs, limit)) {
      const because = `Only outages above ${sayMs(floor)} could be seen on ${sayLanes(watching)}, expected ${sayMs(coarsestMs)} or better.`
      return { ...notMeasured('ms', because), ...open }
    }
  }
  if (!worst)
    return {
      measured: 0,
      unit: 'ms',
      outcome,
      because: `No full outage above the floor of ${sayMs(floor)} on ${sayLanes(watching)}${sayBeside(lanes, watching)}.`,
    }
  const ruling = told(of, worst, lanes)
  const excused = outcome === 'inconclusive' ? excuse(worst) : null
  return { ...ruling, outcome, ...open, ...(excused !== null && { because: `${ruling.because} ${excused}` }) }
}

interface Judged {
  readonly outage: Outage
  readonly outcome: VerdictOutcome
}

/** Said of the whole finding, whichever outage it tells of: one that may never have ended is not played away by another that was in doubt. */
const unendedIn = (judged: readonly Judged[]): Pick<Ruling, 'unended'> =>
  judged.some(({ outage, outcome }) => outcome === 'inconclusive' && outage.censored) ? { unended: true } : {}

/** Full ones that an analysis lists are all above the lane's floor, so a limit below the floor forbids every one of them. */
const ruleOn = (outage: Outage, limit: number, floorMs = 0): VerdictOutcome => {
  if (limit < floorMs) return 'fail'
  const outcome = within(outage.length, limit)
  // The record ended before the outage did: it was longer than it looks.
  return outage.censored && outcome === 'pass' ? 'inconclusive' : outcome
}

/** From the first fault's intent to the end of the record: an outage after the judged window is one all the same. */
const outagesOf = ({ window }: Case, lane: Pick<LaneAnalysis, 'outages'>, kind: Outage['kind']): readonly Outage[] =>
  lane.outages.filter((outage) => outage.kind === kind && outage.to > window[0])

const longest = (outages: readonly Outage[]): Outage | undefined =>
  outages.toSorted((a, b) => b.length.point - a.length.point)[0]

const told = (of: Case, outage: Outage, lanes: readonly LaneAnalysis[]): Omit<Ruling, 'outcome'> => {
  const lane = lanes.find((each) => each.lane === outage.lane)
  const met = lostByNodeIn(outage, lanes)
  // Of those whom callers met, how long each was out is said best by whoever calls it past the balancer.
  const direct = outage.kind === 'full' ? lostByNodeIn(outage, lanesFor(of, 'direct')) : {}
  const counts = Object.fromEntries(Object.entries(met).map(([node, count]) => [node, count + (direct[node] ?? 0)]))
  // Callers who are refused by the balancer itself join to nobody: whom it trusted meanwhile says more than whom it trusted just before.
  const at = outage.nodes.length > 0 ? outage.from : (outage.from + outage.to) / 2
  const culprit = culpritOf(of, counts, at) ?? balancersAlone(of, outage, lane)
  return {
    measured: outage.length.point,
    unit: 'ms',
    because: `${sentence(of, outage, lane)}${outage.kind === 'full' ? sayPlacement(of, outage.from) : ''}`,
    at: outage.from,
    ...(culprit !== undefined && { culprit }),
  }
}

/** What the outage's calls and those of other lanes' outages at the same time join to: one lane of ten calls a second may not have met everybody who was out. */
const lostByNodeIn = (outage: Outage, lanes: readonly LaneAnalysis[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { outages, judged } of lanes) {
    const own = outages.filter(
      (each) => each.kind === outage.kind && meets([each.from, each.to], [outage.from, outage.to]),
    )
    for (const node of new Set(own.flatMap(({ nodes }) => nodes)))
      counts[node] = (counts[node] ?? 0) + (judged?.lostByNode[node] ?? 1)
  }
  return counts
}

const sentence = (of: Case, outage: Outage, lane: LaneAnalysis | undefined): string => {
  const { length, lost, lossDerivedMs, nodes, nature, censored } = outage
  const who =
    outage.kind === 'full'
      ? `No call of lane ${outage.lane} was answered`
      : `Too many calls of lane ${outage.lane} were lost`
  const how = nature === 'stall' ? 'all its calls were answered, late' : `${lost} calls were lost`
  const estimate =
    outage.kind === 'full'
      ? `; counted by calls it was ${sayMs(lossDerivedMs)}${outage.estimatesDisagree ? ', which disagrees by more than a tenth' : ''}`
      : ''
  const where = nodes.length > 0 ? `; they join to ${sayList(nodes)}` : ''
  const calls =
    lane?.judged?.firstLost && lane.judged.lastLost && lost > 0
      ? `. First lost call ${sayCall(lane.judged.firstLost)}, last ${sayCall(lane.judged.lastLost)}`
      : ''
  const middle = (outage.from + outage.to) / 2
  const empty = balancersThatTrustNobody(of, middle).length > 0 ? ` Meanwhile ${sayEmpty(of, middle)}` : ''
  return `${who} for ${sayBounded(length)}${censored ? ' or more: the record ends there' : ''} from ${sayWhen(of, outage.from)}: ${how}${where}${estimate}${calls}.${empty}`
}

const sayDoubtful = (of: Case, { lane, length, from, lost }: Outage): string =>
  `Too many calls of lane ${lane} were lost for ${sayBounded(length)} from ${sayWhen(of, from)}, ${lost} of them, if those are the deployment's that the machine may have lost itself: nobody can tell.`

/** What slow lanes saw is said with how little that is. */
const sayBeside = (lanes: readonly LaneAnalysis[], watching: readonly LaneAnalysis[]): string => {
  const others = lanes.filter((lane) => !watching.includes(lane))
  const floor = Math.max(...others.map((lane) => lane.floorMs))
  return others.length === 0 ? '' : `, nor above ${sayMs(floor)} on ${sayLanes(others)}`
}

const sayLanes = (lanes: readonly LaneAnalysis[]): string =>
  `${lanes.length === 1 ? 'lane' : 'lanes'} ${sayList(lanes.map((lane) => lane.lane))}`

/** Where callers' calls join to nobody while gateways answer whoever calls them past their balancer, it is the balancer. */
const balancersAlone = (of: Case, { nodes, from, to }: Outage, lane: LaneAnalysis | undefined): string | undefined => {
  if (lane?.purpose !== 'callers' || nodes.length > 0) return undefined
  const gateways = of.analysis.nodes.filter(({ role }) => role === 'data-plane').map(({ node }) => node)
  const answering = gateways.filter((node) => answersDirectly(of, node, [from, to]))
  return balancersBefore(of, answering).join(', ') || undefined
}
