// Judges how long callers waited: percentiles while disturbed and just after, and when recovered, absolute or against steady.
import type { LaneAnalysis, Latency, PhaseName } from '../analysis/analysis.ts'
import { hasEnough, type Percentile, SAME_MS } from '../analysis/latency.ts'
import { sayApart, sayMs } from '../time/duration.ts'
import {
  atMost,
  type Case,
  type Judge,
  limitMs,
  multipleOf,
  notMeasured,
  type Ruling,
  watchingLanes,
  worstOf,
} from './case.ts'
import { culpritOf } from './culprit.ts'
import { sayCount } from './say.ts'
import type { VerdictOutcome } from './verdict.ts'

/** What part of a lane is judged, and what of it can be relied on. */
interface Part {
  readonly all: Latency | null
  readonly sound: Latency | null
}

/** A percentile while disturbed, and for as long after as a node takes to come back. */
export const latencyJudge =
  (percentile: Percentile): Judge =>
  (of, demanded) =>
    judgeEach(of, demanded, {
      percentile,
      phase: 'disturbed',
      said: 'while disturbed and just after',
      partOf: (lane) => ({ all: lane.judged?.latency ?? null, sound: lane.judged?.soundLatency ?? null }),
    })

/** A percentile over one phase. */
export const phaseLatencyJudge =
  (percentile: Percentile, phase: PhaseName): Judge =>
  (of, demanded) =>
    judgeEach(of, demanded, {
      percentile,
      phase,
      said: phase === 'recovered' ? 'after recovery' : `while ${phase}`,
      partOf: (lane) => inPhase(lane, phase),
    })

const inPhase = (lane: LaneAnalysis, phase: PhaseName): Part => {
  const found = lane.phases.find((each) => each.phase === phase)
  return { all: found?.latency ?? null, sound: found?.soundLatency ?? null }
}

interface Question {
  readonly percentile: Percentile
  /** The phase in which a node that is to blame was slow. */
  readonly phase: PhaseName
  readonly said: string
  readonly partOf: (lane: LaneAnalysis) => Part
}

const judgeEach = (of: Case, demanded: string | number, question: Question): Ruling => {
  const lanes = watchingLanes(of)
  if (lanes.length === 0) return notMeasured('ms', 'There was no caller lane, so nobody measured a latency.')
  const rulings = lanes.map((lane) => ({ lane, ...judgeLane(lane, demanded, question) }))
  const outcome = worstOf(rulings.map((each) => each.outcome))
  const [worst] = rulings
    .filter((each) => each.outcome === outcome)
    .sort((a, b) => (b.measured ?? Infinity) - (a.measured ?? Infinity))
  if (!worst) return notMeasured('ms', 'There was no caller lane, so nobody measured a latency.')
  const { lane, ...ruling } = worst
  const culprit = outcome === 'fail' ? slowNodes(of, lane, question) : undefined
  return { ...ruling, ...(culprit !== undefined && { culprit }) }
}

/** The gateways that were slow while others were not; where all were alike, those that the lost calls join to. */
const slowNodes = (of: Case, lane: LaneAnalysis, { percentile, phase, partOf }: Question): string | undefined => {
  const half = (partOf(lane).all?.[percentile] ?? 0) / 2
  const nodes = of.analysis.nodes.filter((node) => node.role === 'data-plane' && node.latency[phase] !== null)
  const slow = nodes.filter((node) => (node.latency[phase]?.[percentile] ?? 0) >= half).map((node) => node.node)
  if (slow.length > 0 && slow.length < nodes.length) return slow.join(', ')
  return culpritOf(of, lane.judged?.lostByNode ?? {}, lane.judged?.firstLost?.at)
}

const judgeLane = (lane: LaneAnalysis, demanded: string | number, question: Question): Ruling => {
  const multiple = multipleOf(demanded)
  const { all, sound } = question.partOf(lane)
  if (!all)
    return notMeasured(
      multiple === null ? 'ms' : 'ratio',
      `Lane ${lane.lane} had no call with a latency ${question.said}.`,
    )
  const part = { all, sound }
  return multiple === null
    ? judgeAbsolute(lane, limitMs(demanded), part, question)
    : judgeRatio(lane, multiple, part, question)
}

/** What part of a lane is judged, where it had calls. */
interface HeardPart extends Part {
  readonly all: Latency
}

const judgeAbsolute = (
  { lane }: LaneAnalysis,
  limit: number,
  { all, sound }: HeardPart,
  { percentile, said }: Question,
): Ruling => {
  const [value, bound] = sayApart(all[percentile], limit)
  return {
    measured: all[percentile],
    unit: 'ms',
    outcome: ruleOn(all, sound, percentile, limit),
    because: `${sayPercentile(percentile)} of lane ${lane} was ${value} ${said}; ${bound} was the limit.${sayBySample(sound, percentile, limit)}`,
  }
}

/**
 * Steady state is known by its sound calls, so calls that waited for a processor are not held against it: where they alone are too slow,
 * like is held against like, the sound calls against sound ones, and all of them against all. Both have to be within the limit.
 */
const judgeRatio = (
  { lane, baseline, baselineOfAll }: LaneAnalysis,
  multiple: number,
  { all, sound }: HeardPart,
  { percentile, said }: Question,
): Ruling => {
  if (!baseline || !hasEnough(baseline, percentile))
    return notMeasured(
      'ratio',
      `Lane ${lane} had no steady latency to hold its ${sayPercentile(percentile)} against: of ${sayCount(baseline?.count ?? 0, 'call')} that waited for no processor nobody can tell one.`,
    )
  const steady = baseline[percentile]
  // Against a tiny baseline a ratio is noise: a difference that nobody can feel is none.
  const limitOf = (usual: number): number => Math.max(multiple * usual, usual + SAME_MS)
  const limit = limitOf(steady)
  const of = (value: number, usual: number): string =>
    `${ratio(value, usual).toFixed(2)} times the ${sayMs(usual)} of settled steady state`
  const told = `${sayPercentile(percentile)} of lane ${lane} was`
  const outcome = ruleOn(all, sound, percentile, limit)
  const steadyOfAll = baselineOfAll?.[percentile] ?? null
  const isLikeLike =
    sound &&
    hasEnough(sound, percentile) &&
    sound[percentile] <= limit &&
    steadyOfAll &&
    all[percentile] <= limitOf(steadyOfAll)
  if (outcome === 'inconclusive' && isLikeLike)
    return {
      measured: ratio(sound[percentile], steady),
      unit: 'ratio',
      outcome: 'pass',
      because: `${told} ${sayMs(sound[percentile])} ${said} where nobody waited for a processor (${sound.count} of ${all.count} calls), ${of(sound[percentile], steady)}; ${sayMs(limit)} was the limit. Of all calls it was ${sayMs(all[percentile])}, ${of(all[percentile], steadyOfAll)} as all calls had it.`,
    }
  const [value, bound] = sayApart(all[percentile], limit)
  return {
    measured: ratio(all[percentile], steady),
    unit: 'ratio',
    outcome,
    because: `${told} ${value} ${said}, ${of(all[percentile], steady)} (differences up to ${SAME_MS} ms are none); ${bound} was the limit.${sayBySample(sound, percentile, limit)}`,
  }
}

/**
 * A machine makes calls slower, and never faster: where all of them are within the limit, it is met, however few were sound and whatever those
 * few met. A sample fails by what all must have had at the least: one slow call of a hundred may be chance.
 */
const ruleOn = (all: Latency, sound: Latency | null, percentile: Percentile, limit: number): VerdictOutcome => {
  if (all[percentile] <= limit) return 'pass'
  return atMost(all[percentile], sound && hasEnough(sound, percentile) ? leastOf(sound, percentile) : 0, limit)
}

const leastOf = (latency: Latency, percentile: Percentile): number => (latency.atLeast ?? latency)[percentile]

/** Where the calls that waited for no processor were too slow as well, and too few to tell that from chance; else nothing. */
const sayBySample = (sound: Latency | null, percentile: Percentile, limit: number): string => {
  if (!sound || !hasEnough(sound, percentile) || sound[percentile] <= limit || leastOf(sound, percentile) > limit)
    return ''
  return ` Of the ${sound.count} calls that waited for no processor it was ${sayMs(sound[percentile])}: so few may be slow by chance.`
}

const ratio = (value: number, steady: number): number => (steady > 0 ? value / steady : value > 0 ? Infinity : 1)

const sayPercentile = (percentile: Percentile): string => (percentile === 'p999' ? 'p99.9' : percentile)
