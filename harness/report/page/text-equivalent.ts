// The charts in words and numbers: one sentence for the figure, and tables of at most forty rows for its curves.
import type { LaneAnalysis, Series } from '../../analysis/analysis.ts'
import { OUTCOMES, type Outcome } from '../../history/call.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import type { ScenarioReport } from '../summary.ts'
import { html, type Markup } from './markup.ts'
import { endOf, lanesShown, lostIn, nodesShown } from './series-data.ts'
import { tableOf, tableOr } from './table.ts'

/** The figure in one or two sentences. */
export const timelineSentence = (report: ScenarioReport): string => {
  const [lane] = lanesShown(report.analysis.lanes)
  if (!lane) return 'No lane of calls was recorded.'
  const worst = peakOf(lane.series)
  const peak = worst ? ` The highest p99 of a 100 ms step was ${sayLength(worst.p99)} at ${sayInstant(worst.at)}.` : ''
  return `Lane ${lane.lane}, ${sayNumber(lane.rate)} calls a second over ${sayLength(endOf(report))}: ${sayNumber(lostIn(lane))} of ${sayNumber(lane.count)} calls were lost.${peak}`
}

const peakOf = ({ p99, from, stepMs }: Series): { readonly p99: number; readonly at: number } | null =>
  p99.reduce<{ p99: number; at: number } | null>(
    (best, value, i) => (value !== null && value > (best?.p99 ?? -1) ? { p99: value, at: from + i * stepMs } : best),
    null,
  )

/** Each lane's latency and outcomes. */
export const laneTables = ({ analysis }: ScenarioReport): Markup =>
  html`${lanesShown(analysis.lanes).map((lane) => {
    const every = widthFor(lane.series.answered.length * lane.series.stepMs)
    return tableOf({
      caption: `Lane ${lane.lane} by ${sayLength(every)}: calls by outcome and latency`,
      columns: ['From', ...OUTCOMES.map(asHead), 'Highest p50', 'Highest p99', 'Max'].map((head) => ({
        head,
        number: true,
      })),
      rows: windowsOf(lane, every),
    })
  })}`

const asHead = (outcome: Outcome): string => `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`

const windowsOf = ({ series }: LaneAnalysis, every: number): readonly (readonly string[])[] => {
  const size = Math.max(1, Math.round(every / series.stepMs))
  return Array.from({ length: Math.ceil(series.answered.length / size) }, (_, i) => {
    const part = <T>(values: readonly T[]): readonly T[] => values.slice(i * size, (i + 1) * size)
    return [
      sayInstant(series.from + i * size * series.stepMs),
      ...OUTCOMES.map((outcome) => sayNumber(sumOf(part(series[outcome])))),
      ...[series.p50, series.p99, series.max].map((values) => sayHighest(part(values))),
    ]
  })
}

/** What each node answered and lost over time. */
export const nodeTable = (report: ScenarioReport): Markup => {
  const nodes = nodesShown(report)
  const longest = Math.max(0, ...nodes.map(({ series }) => series.answered.length))
  const step = nodes[0]?.series.stepMs ?? 100
  const every = widthFor(longest * step)
  const size = Math.max(1, Math.round(every / step))
  return tableOr('No node is known to have answered a call.', {
    caption: `Calls answered by node, and lost at it, by ${sayLength(every)}`,
    columns: [{ head: 'From', number: true }, ...nodes.map(({ node }) => ({ head: node, number: true }))],
    rows:
      nodes.length === 0
        ? []
        : Array.from({ length: Math.ceil(longest / size) }, (_, i) => [
            sayInstant((nodes[0]?.series.from ?? 0) + i * size * step),
            ...nodes.map(({ series }) => {
              const lost = sumOf(series.lost.slice(i * size, (i + 1) * size))
              return `${sayNumber(sumOf(series.answered.slice(i * size, (i + 1) * size)))}${lost > 0 ? `, ${sayNumber(lost)} lost` : ''}`
            }),
          ]),
  })
}

/** What each balancer thought of each node. */
export const rotationTable = ({ analysis }: ScenarioReport): Markup =>
  tableOr('No balancer was looked at.', {
    caption: 'Rotation: what each balancer thought of each node',
    columns: [
      { head: 'Node' },
      { head: 'Balancer' },
      { head: 'Backend' },
      { head: 'State' },
      { head: 'From', number: true },
      { head: 'To', number: true },
      { head: 'The balancer’s words' },
    ],
    rows: analysis.rotation.map(({ node, balancer, backend, state, from, to, reason }) => [
      node,
      balancer,
      backend,
      state,
      sayInstant(from),
      sayInstant(to),
      reason ?? '',
    ]),
  })

const WIDTHS = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000]

const widthFor = (lengthMs: number): number => WIDTHS.find((width) => lengthMs / width <= 40) ?? lengthMs / 40

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

const sayHighest = (values: readonly (number | null)[]): string => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? 'none' : sayLength(Math.max(...known))
}
