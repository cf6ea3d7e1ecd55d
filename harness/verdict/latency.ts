// Judges how long callers waited: percentiles over the judged window and after, absolute or against steady.
import type { LaneAnalysis, Latency, PhaseName } from '../analysis/analysis.ts'
import { SAME_MS } from '../analysis/latency.ts'
import { sayMs } from '../time/duration.ts'
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
import type { VerdictOutcome } from './verdict.ts'

type Percentile = 'p50' | 'p99' | 'p999'

/** Fewer calls than this have no such percentile: it would be the word of one call. */
const LEAST_CALLS: Readonly<Record<Percentile, number>> = { p50: 2, p99: 100, p999: 1000 }

/** What part of a lane is judged, and what of it can be relied on. */
interface Part {
  readonly all: Latency | null
  readonly sound: Latency | null
}

/** A percentile over the judged window. */
export const latencyJudge =
  (percentile: Percentile): Judge =>
  (of, demanded) =>
    judgeEach(of, demanded, {
      percentile,
      phase: 'disturbed',
      said: 'over the judged window',
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

const judgeLane = (lane: LaneAnalysis, demanded: string | number, { percentile, said, partOf }: Question): Ruling => {
  const multiple = multipleOf(demanded)
  const { all, sound } = partOf(lane)
  const unit = multiple === null ? 'ms' : 'ratio'
  if (!all) return notMeasured(unit, `Lane ${lane.lane} had no call with a latency ${said}.`)
  const steady = lane.baseline?.[percentile] ?? null
  if (multiple !== null && steady === null)
    return notMeasured(
      unit,
      `Lane ${lane.lane} had no steady latency to hold its ${sayPercentile(percentile)} against.`,
    )
  // Against a tiny baseline a ratio is noise: a difference that nobody can feel is none.
  const limit = multiple === null ? limitMs(demanded) : Math.max(multiple * (steady ?? 0), (steady ?? 0) + SAME_MS)
  const value = all[percentile]
  const against =
    multiple === null
      ? ''
      : `, ${ratio(value, steady ?? 0).toFixed(2)} times the ${sayMs(steady ?? 0)} of steady state (differences up to ${SAME_MS} ms are none)`
  const because = `${sayPercentile(percentile)} of lane ${lane.lane} was ${sayMs(value)} ${said}${against}; ${sayMs(limit)} was the limit.`
  return {
    measured: multiple === null ? value : ratio(value, steady ?? 0),
    unit,
    outcome: ruleOn(all, sound, percentile, limit),
    because,
  }
}

const ruleOn = (all: Latency, sound: Latency | null, percentile: Percentile, limit: number): VerdictOutcome => {
  if (all.max <= limit) return 'pass'
  const isEnough = sound !== null && sound.count >= LEAST_CALLS[percentile]
  return atMost(all[percentile], isEnough ? sound[percentile] : 0, limit)
}

const ratio = (value: number, steady: number): number => (steady > 0 ? value / steady : value > 0 ? Infinity : 1)

const sayPercentile = (percentile: Percentile): string => (percentile === 'p999' ? 'p99.9' : percentile)
