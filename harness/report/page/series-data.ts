// What the charts are drawn from: a scenario's series in round numbers, packed so that ten scenarios fit into two megabytes.
import { gzipSync } from 'node:zlib'
import type { LaneAnalysis } from '../../analysis/analysis.ts'
import { toMs } from '../../time/duration.ts'
import type { ScenarioReport } from '../summary.ts'

/** One scenario's charts. Short names, since there are many of them. Times are ms since the run began. */
export interface ChartData {
  readonly end: number
  /** The window around the faults; null without one. */
  readonly around: readonly [number, number] | null
  readonly lanes: readonly {
    readonly name: string
    readonly from: number
    readonly step: number
    /** answered, wrong, refused, unanswered, unsent: calls a step. */
    readonly counts: readonly (readonly number[])[]
    /** p50, p99, max: ms. */
    readonly latency: readonly (readonly (number | null)[])[]
    readonly outages: readonly { readonly kind: string; readonly from: number; readonly to: number }[]
  }[]
  readonly nodes: readonly {
    readonly name: string
    readonly from: number
    readonly step: number
    readonly answered: readonly number[]
    readonly lost: readonly number[]
  }[]
  /** intended, in effect, healed, cleared. */
  readonly faults: readonly {
    readonly label: string
    readonly targets: readonly string[]
    readonly at: readonly (number | null)[]
  }[]
  /** The limit on p99 in ms, when it is absolute. */
  readonly p99Limit: number | null
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
      at: [intendedAt, inEffectAt, healedAt, clearedAt].map((at) => (at === null ? null : Math.round(at))),
    })),
    p99Limit: absolute(verdict.findings.find(({ objective }) => objective === 'p99')?.demanded),
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

const laneData = ({ lane, series, outages }: LaneAnalysis): ChartData['lanes'][number] => ({
  name: lane,
  from: series.from,
  step: series.stepMs,
  counts: [series.answered, series.wrong, series.refused, series.unanswered, series.unsent].map((each) =>
    each.map(rounded),
  ),
  latency: [series.p50, series.p99, series.max].map((each) => each.map(threeDigits)),
  outages: outages.map(({ kind, from, to }) => ({ kind, from: rounded(from), to: rounded(to) })),
})

const rounded = (value: number): number => Math.round(value * 10) / 10

const threeDigits = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(3))

const absolute = (demanded: string | number | undefined): number | null =>
  typeof demanded === 'string' && /^\d+(\.\d+)?(ms|s|m|h)$/.test(demanded) ? toMs(demanded) : null
