// What the charts are drawn from: a scenario's series in round numbers, packed so that ten scenarios fit into two megabytes.
import { gzipSync } from 'node:zlib'
import type { LaneAnalysis } from '../../analysis/analysis.ts'
import { OUTCOMES, type Outcome } from '../../history/call.ts'
import { toMs } from '../../time/duration.ts'
import { sayDemanded } from '../say.ts'
import type { ScenarioReport } from '../summary.ts'

/** One scenario's charts. Short names, since there are many of them. Times are ms since the run began. */
export interface ChartData {
  readonly end: number
  /** The window around the faults; null without one. */
  readonly around: readonly [number, number] | null
  /** In the order that they are told in. */
  readonly outcomes: readonly Outcome[]
  readonly lanes: readonly LaneData[]
  readonly nodes: readonly NodeData[]
  readonly faults: readonly {
    readonly label: string
    readonly targets: readonly string[]
    readonly at: readonly [intended: number, inEffect: number | null, healed: number | null, cleared: number | null]
  }[]
  /** The limit on p99, when it is absolute. */
  readonly p99Limit: { readonly ms: number; readonly said: string } | null
}

/** One lane's. */
export interface LaneData {
  readonly name: string
  readonly from: number
  readonly step: number
  /** Calls a step. */
  readonly counts: Readonly<Record<Outcome, readonly number[]>>
  /** ms. */
  readonly latency: Readonly<Record<'p50' | 'p99' | 'max', readonly (number | null)[]>>
  readonly outages: readonly { readonly kind: string; readonly from: number; readonly to: number }[]
}

/** One node's. */
export interface NodeData {
  readonly name: string
  readonly from: number
  readonly step: number
  readonly answered: readonly number[]
  readonly lost: readonly number[]
}

/** The data of every scenario's charts as base64 of gzipped JSON. */
export const packed = (charts: readonly ChartData[]): string =>
  // The last levels take twice the time for a hundredth of the bytes.
  gzipSync(JSON.stringify(charts), { level: 6 }).toString('base64')

/** The last instant that anything is known of, ms since the run began. */
export const endOf = ({ analysis }: ScenarioReport): number =>
  Math.max(
    1000,
    ...Object.values(analysis.phases).flatMap((window) => (window ? [window[1]] : [])),
    ...analysis.lanes.map(({ series }) => series.from + series.stepMs * series.answered.length),
  )

/** What a scenario's charts show. */
export const chartData = (report: ScenarioReport): ChartData => {
  const { analysis, verdict } = report
  const end = endOf(report)
  const disturbed = analysis.phases.disturbed
  return {
    end,
    around: disturbed && [Math.max(0, disturbed[0] - 2000), Math.min(end, disturbed[1] + 4000)],
    outcomes: OUTCOMES,
    lanes: lanesShown(analysis.lanes).map(laneData),
    nodes: nodesShown(report).map(({ node, series }) => ({
      name: node,
      from: series.from,
      step: series.stepMs,
      answered: series.answered.map(rounded),
      lost: series.lost.map(rounded),
    })),
    faults: analysis.faults.map(({ targets, intendedAt, inEffectAt, healedAt, clearedAt }, i) => ({
      label: `F${i + 1}`,
      targets,
      at: [Math.round(intendedAt), roundedIfKnown(inEffectAt), roundedIfKnown(healedAt), roundedIfKnown(clearedAt)],
    })),
    p99Limit: limitIn(verdict.findings.find(({ objective }) => objective === 'p99')?.demanded),
  }
}

/** Lanes in the order they are offered: callers first and the control lane last, the busy before the slow, the most losses first. */
export const lanesShown = (lanes: readonly LaneAnalysis[]): readonly LaneAnalysis[] =>
  lanes.toSorted((a, b) => RANK[a.purpose] - RANK[b.purpose] || b.rate - a.rate || lostIn(b) - lostIn(a))

const RANK = { callers: 0, dashboard: 1, direct: 2, control: 3 } as const

/** Calls of a lane that were lost: not answered, or held back by the cap while nobody was. */
export const lostIn = ({ phases }: LaneAnalysis): number =>
  phases.reduce(
    (sum, { counts, heldBack = 0 }) => sum + counts.wrong + counts.refused + counts.unanswered + heldBack,
    0,
  )

/** Nodes that answered or lost something, since a flat row would say nothing. */
export const nodesShown = ({ analysis }: ScenarioReport): ScenarioReport['analysis']['nodes'] =>
  analysis.nodes.filter(
    ({ series }) => series.answered.some((count) => count > 0) || series.lost.some((count) => count > 0),
  )

const laneData = ({ lane, series, outages }: LaneAnalysis): LaneData => ({
  name: lane,
  from: series.from,
  step: series.stepMs,
  counts: {
    answered: series.answered.map(rounded),
    wrong: series.wrong.map(rounded),
    refused: series.refused.map(rounded),
    unanswered: series.unanswered.map(rounded),
    unsent: series.unsent.map(rounded),
  },
  latency: {
    p50: series.p50.map(threeDigits),
    p99: series.p99.map(threeDigits),
    max: series.max.map(threeDigits),
  },
  outages: outages.map(({ kind, from, to }) => ({ kind, from: rounded(from), to: rounded(to) })),
})

const rounded = (value: number): number => Math.round(value * 10) / 10

const roundedIfKnown = (at: number | null): number | null => (at === null ? null : Math.round(at))

const threeDigits = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(3))

const limitIn = (demanded: string | number | undefined): ChartData['p99Limit'] =>
  typeof demanded === 'string' && /^\d+(\.\d+)?(ms|s|m|h)$/.test(demanded)
    ? { ms: toMs(demanded), said: sayDemanded('p99', demanded) }
    : null
