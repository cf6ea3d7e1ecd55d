// What was measured: outages with their bounds, ejection to convergence, latency by lane and phase, balance by node, losses.
import type { Analysis, LaneAnalysis, Latency, Measured, Timing } from '../../analysis/analysis.ts'
import { sayShare } from '../../verdict/say.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { lanesShown } from './series-data.ts'
import { tableOf, tableOr } from './table.ts'

const number = (head: string) => ({ head, number: true }) as const

/** Outages, with bounds that contain the truth and the second estimate from lost calls. */
export const outageTable = ({ lanes: all }: Analysis): Markup => {
  const lanes = all.filter(({ purpose }) => purpose !== 'direct')
  const floors = lanes
    .filter(({ purpose }) => purpose === 'callers')
    .map(({ lane, floorMs }) => `${lane} ${sayLength(floorMs)}`)
  const floor = floors.length > 0 ? ` Shortest full outage a lane can see: ${floors.join(', ')}.` : ''
  return html`${tableOr('No outage was seen in any lane.', {
    caption: 'Outages by lane',
    columns: [
      { head: 'Lane' },
      { head: 'Kind' },
      number('From'),
      number('To'),
      number('Length'),
      number('Bounds'),
      number('Calls lost'),
      number('From lost calls'),
      { head: 'Nodes' },
    ],
    rows: lanes.flatMap(({ outages }) =>
      outages.map(({ lane, kind, nature, from, to, length, lost, lossDerivedMs, ...more }) => [
        lane,
        nature ? `${kind}, ${nature}` : kind,
        sayInstant(from),
        sayInstant(to),
        sayFinely(length.point),
        sayBounds(length),
        sayNumber(lost),
        more.estimatesDisagree
          ? html`<strong class="inconclusive">${sayLength(lossDerivedMs)}, which disagrees</strong>`
          : sayLength(lossDerivedMs),
        `${more.nodes.join(', ') || 'unknown'}${more.ownStallMs > 0 ? `; own stall of ${sayLength(more.ownStallMs)} in it` : ''}`,
      ]),
    ),
  })}<p class="note">A full outage is a time between two answered calls of a lane, From and To; its length counts from the likeliest instant at which nobody was answered any more to the likeliest at which somebody was again.${floor}</p>`
}

// Bounds that are milliseconds apart must not be rounded into one.
const sayBounds = ({ min, max }: Measured): string => `${sayFinely(min)} to ${sayFinely(max)}`

const sayFinely = (lengthMs: number): string =>
  lengthMs < 1000 ? sayLength(lengthMs) : `${(lengthMs / 1000).toFixed(3)} s`

const MEASURES: Readonly<Record<Timing['measure'], string>> = {
  ejection: 'Ejection',
  readmission: 'Readmission',
  failover: 'Failover',
  recovery: 'Recovery',
  convergence: 'Convergence',
}

/** Ejection, readmission, failover, recovery, convergence. */
export const timingTable = ({ timings, earlyCalls }: Analysis): Markup =>
  html`${tableOr('Nothing of the kind was observed.', {
    caption: 'What was measured, and what the balancer’s and the database’s own settings predict',
    columns: [
      { head: 'Measure' },
      { head: 'Of' },
      { head: 'At' },
      number('Took'),
      number('Bounds'),
      number('Predicted'),
    ],
    rows: timings.map(({ measure, of, at, took, censored, isReplacement, predictedMaxMs, predictedMinMs }) => [
      MEASURES[measure],
      isReplacement ? `the replacement of ${of}` : of,
      at,
      censored ? `more than ${sayFinely(took.point)}` : sayFinely(took.point),
      censored ? 'ran out' : sayBounds(took),
      sayPredicted(predictedMaxMs, predictedMinMs),
    ]),
  })}<p class="note">A prediction is the longest that the settings allow: of readmission it counts from when a node is ready, while the measure counts from its healing, its start included.</p>${tableOr(
    'No call reached a node before it was ready.',
    {
      caption: 'Calls that reached a node before it was ready',
      columns: [{ head: 'Node' }, number('Call at'), number('Seen not ready at'), { head: 'Lane' }],
      rows: earlyCalls
        .slice(0, 50)
        .map(({ node, at, notReadyAt, lane }) => [node, sayInstant(at), sayInstant(notReadyAt), lane]),
    },
  )}${earlyCalls.length > 50 ? html`<p class="note">The first 50 of ${sayNumber(earlyCalls.length)} are listed.</p>` : null}`

const sayPredicted = (mostMs: number | undefined, leastMs = 0): string => {
  if (mostMs === undefined) return 'not predicted'
  return leastMs > 0 ? `${sayLength(leastMs)} to ${sayLength(mostMs)}` : `at most ${sayLength(mostMs)}`
}

/** Latency and outcomes by lane and phase. */
export const latencyTable = ({ lanes }: Analysis): Markup =>
  html`${tableOr('No lane of calls was recorded.', {
    caption: 'Latency from the scheduled instant, and outcomes, by lane and phase',
    columns: [
      { head: 'Lane, phase' },
      ...['p50', 'p90', 'p99', 'p99.9', 'Max', 'Answered', 'Wrong', 'Refused', 'Unanswered', 'Unsent'].map(number),
    ],
    rows: lanesShown(lanes).flatMap(({ lane, phases, baseline }) =>
      phases.flatMap(({ phase, latency, counts, heldBack = 0 }) => {
        const row = [
          laneIn(lane, phase),
          ...percentiles(latency),
          ...[counts.answered, counts.wrong, counts.refused, counts.unanswered].map(sayNumber),
          `${sayNumber(counts.unsent)}${heldBack > 0 ? ` (${sayNumber(heldBack)} held back, lost)` : ''}`,
        ]
        if (phase !== 'steady' || !baseline) return [row]
        return [row, [laneIn(lane, SETTLED), ...percentiles(baseline), sayNumber(baseline.count), ...Array(4).fill('')]]
      }),
    ),
  })}${settledNote(lanes)}${sentAgain(lanes)}`

const laneIn = (lane: string, phase: string): Markup => html`${lane} <span class="phase-name">${phase}</span>`

const percentiles = (latency: Latency | null): readonly string[] =>
  latency ? [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map(sayLength) : Array(5).fill('none')

const SETTLED = 'settled steady'

const settledNote = (lanes: readonly LaneAnalysis[]): Markup =>
  lanesShown(lanes).some(({ baseline }) => baseline)
    ? html`<p class="note">Settled steady: the steady phase without its first seconds, and without calls that waited for a processor. What later phases are held against.</p>`
    : html``

const sentAgain = (lanes: readonly LaneAnalysis[]): Markup => {
  const told = lanesShown(lanes).flatMap(({ lane, sentAgain: count = 0 }) =>
    count > 0 ? [`${lane} ${sayNumber(count)}`] : [],
  )
  if (told.length === 0) return html``
  return html`<p class="note">Calls sent once more, as any client does, because a connection was closed as idle while they were on their way to it, or because HTTP/2 said that they were not processed: ${told.join(', ')}.</p>`
}

/** Lost calls by error class, lane by lane. */
export const errorTable = ({ lanes }: Analysis): Markup => {
  const rows = lanesShown(lanes).flatMap(({ lane, errorClasses }) =>
    Object.entries(errorClasses).map(([errorClass, count]) => [lane, sayError(errorClass), sayNumber(count)]),
  )
  return rows.length === 0
    ? html``
    : tableOr('', {
        caption: 'Lost calls by error',
        columns: [{ head: 'Lane' }, { head: 'Error' }, number('Calls')],
        rows,
      })
}

/** By the cap on calls under way, while nobody was answered. */
const sayError = (errorClass: string): string => (errorClass === 'shed' ? 'held back' : errorClass.replaceAll('-', ' '))

/** Losses counted per fault, the part a healthy deployment may lose apart from the rest. */
export const lossTable = ({ losses, faults }: Analysis): Markup =>
  losses.length === 0
    ? html``
    : tableOr('', {
        caption:
          'Calls lost by fault, of those that objectives are judged by: each belongs to the fault intended last before the call ended',
        columns: [
          { head: 'Fault' },
          number('Lost'),
          number('In flight on a target'),
          number('Scheduled later'),
          number('May have happened'),
        ],
        rows: losses.map(({ faultId, lost, inFlightOnTarget, scheduledLater, mayHaveHappened }) => {
          const index = faults.findIndex(({ id }) => id === faultId)
          return [
            index < 0 ? faultId : `F${index + 1}`,
            ...[lost, inFlightOnTarget, scheduledLater, mayHaveHappened].map(sayNumber),
          ]
        }),
      })

/** Who answered how much. Gateways answer callers and control-plane nodes the Dashboard's: each has a share among its own. */
export const balanceTable = ({ nodes }: Analysis): Markup => {
  const totalOf = (role: string, phase: (typeof PHASES)[number]): number =>
    nodes.filter((each) => each.role === role).reduce((sum, { answered }) => sum + answered[phase], 0)
  return tableOr('No node is known to have answered a call.', {
    caption: 'Balance: calls answered by node and phase, with its share among nodes of its role',
    columns: [
      { head: 'Node' },
      { head: 'Role' },
      { head: 'Zone' },
      ...['Steady', 'Disturbed', 'Recovered', 'Lost at it'].map(number),
    ],
    rows: nodes.map(({ node, role, zone, answered, lost }) => [
      node,
      role,
      zone,
      ...PHASES.map((phase) => sayPart(answered[phase], totalOf(role, phase))),
      sayNumber(lost),
    ]),
  })
}

const PHASES = ['steady', 'disturbed', 'recovered'] as const

/** The same by zone, with p99, where there are several. */
export const zoneTable = ({ zones }: Analysis): Markup =>
  zones.length < 2
    ? html``
    : tableOf({
        caption: 'Zones: calls lost at their gateways, of all that joined to them, and p99',
        columns: [{ head: 'Zone' }, { head: 'Gateways' }, ...['Steady', 'Disturbed', 'Recovered'].map(number)],
        rows: zones.map(({ zone, nodes, answered, lost, latency }) => [
          zone,
          nodes.join(', '),
          ...PHASES.map((phase) => {
            const p99 = latency[phase]?.p99
            return `${sayNumber(lost[phase])} of ${sayNumber(lost[phase] + answered[phase])}${p99 === undefined ? '' : `, ${sayLength(p99)}`}`
          }),
        ]),
      })

const sayPart = (count: number, total: number): string =>
  total === 0 ? '0' : `${sayNumber(count)} (${sayShare(Math.round((100 * count) / total) / 100).replace('.00', '')})`
