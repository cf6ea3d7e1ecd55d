// The figure of a scenario: phases, steps, faults and outages over latency and outcomes, then a lane for each node and each balancer's opinion.
import type { RotationSpan } from '../../analysis/analysis.ts'
import { OUTCOMES } from '../../history/call.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import type { ScenarioReport } from '../summary.ts'
import { axisOf, type Bar, rowOf } from './bars.ts'
import { html, type Markup } from './markup.ts'
import { endOf, lanesShown, nodesShown } from './series-data.ts'
import { stepsOf } from './steps.ts'
import { laneTables, nodeTable, rotationTable, timelineSentence } from './text-equivalent.ts'

/** The whole figure, with its sentence and tables for whoever cannot or will not look at it. */
export const timeline = (report: ScenarioReport, index: number): Markup => html`
<figure class="timeline" data-scenario="${index}" aria-labelledby="timeline-${index}">
<figcaption id="timeline-${index}">${timelineSentence(report)}</figcaption>
${controls(report, index)}
<div class="rows" aria-hidden="true">
<div class="cursor"></div>
${context(report)}
</div>
<p class="readout">Point at the curves, or move the slider below them, to read a moment. Drag across them to look closer.</p>
<div class="charts" aria-hidden="true">
<p class="chart-name">Latency of lane <b data-lane>${lanesShown(report.analysis.lanes)[0]?.lane}</b> from the scheduled instant, log scale ${key(['line p50', 'p50'], ['line p99', 'p99'], ['line max', 'max'])}</p>
<div class="chart" data-chart="latency"></div>
<p class="chart-name">Calls of lane <b data-lane>${lanesShown(report.analysis.lanes)[0]?.lane}</b> by outcome, each 100 ms ${key(...OUTCOMES.map((outcome) => [`swatch ${outcome}`, outcome] as const))}</p>
<div class="chart" data-chart="outcomes"></div>
${nodeLanes(report)}
</div>
<div class="rows" aria-hidden="true">
<div class="cursor"></div>
${opinions(report)}
${axisOf(endOf(report))}
</div>
${scrubber(report, index)}
<noscript><p>The curves need JavaScript. Everything in them is in the tables below.</p></noscript>
<details><summary>The same in tables</summary>
${laneTables(report)}
${nodeTable(report)}
${rotationTable(report)}
</details>
</figure>`

const key = (...entries: readonly (readonly [look: string, name: string])[]): Markup =>
  html`<span class="key">${entries.map(([look, name]) => html`<span class="entry"><i class="${look}"></i>${name}</span>`)}</span>`

const controls = ({ analysis }: ScenarioReport, index: number): Markup => html`<div class="controls">
<fieldset><legend>Lane</legend>${lanesShown(analysis.lanes).map(
  ({ lane }, i) =>
    html`<label><input type="radio" name="lane-${index}" value="${i}"${i === 0 ? html` checked` : null}> ${lane}</label>`,
)}</fieldset>
<fieldset><legend>Window</legend><button type="button" data-window="all">Whole run</button>${
  analysis.phases.disturbed ? html`<button type="button" data-window="around">Around the faults</button>` : null
}</fieldset>
</div>`

const scrubber = (report: ScenarioReport, index: number): Markup => {
  const end = endOf(report)
  return html`<div class="scrubber"><label for="moment-${index}">Moment</label><input id="moment-${index}" type="range" min="0" max="${end}" step="100" value="${Math.round(report.analysis.phases.disturbed?.[0] ?? 0)}"></div>`
}

const context = (report: ScenarioReport): Markup => {
  const { analysis, history } = report
  const endMs = endOf(report)
  const steps = stepsOf(history.events).map(
    ({ number, title, from, to }): Bar => ({
      from,
      to: to ?? endMs,
      label: String(number),
      text: title,
      look: 'step',
    }),
  )
  return html`${rowOf({ name: 'Phases', bars: phases(report), endMs })}
${steps.length > 0 ? rowOf({ name: 'Runbook steps', bars: steps, endMs }) : null}
${analysis.faults.length > 0 ? rowOf({ name: 'Faults: taking effect, in effect, clearing', bars: faults(report), endMs }) : null}
${outages(report)}`
}

const phases = ({ analysis }: ScenarioReport): readonly Bar[] =>
  (['steady', 'disturbed', 'recovered'] as const).flatMap((phase) => {
    const window = analysis.phases[phase]
    return window ? [{ from: window[0], to: window[1], text: phase, look: `phase ${phase}` }] : []
  })

const faults = (report: ScenarioReport): readonly Bar[] =>
  report.analysis.faults.flatMap(({ kind, targets, intendedAt, inEffectAt, healedAt, clearedAt }, i) => {
    const endMs = endOf(report)
    const healed = healedAt ?? clearedAt ?? endMs
    const label = `F${i + 1}`
    const text = `${kind} ${targets.join(', ')}`
    if (inEffectAt === null)
      return [{ from: intendedAt, to: healed, label, text: `${text}: never attested`, look: 'fault doubted' }]
    return [
      { from: intendedAt, to: inEffectAt, text: `${text}: taking effect`, look: 'fault onset' },
      { from: inEffectAt, to: healed, label, text, look: 'fault effect' },
      { from: healed, to: clearedAt ?? endMs, text: `${text}: clearing`, look: 'fault onset' },
    ]
  })

// Words stand in the row's name, since an outage of 41 ms is a hairline on an axis of a minute.
const outages = (report: ScenarioReport): Markup =>
  html`${report.analysis.lanes
    .filter(({ outages: all, purpose }) => all.length > 0 && purpose !== 'direct')
    .map(({ lane, outages: all }) => {
      const gravest = all.toSorted(
        (a, b) => Number(b.kind === 'full') - Number(a.kind === 'full') || b.length.point - a.length.point,
      )
      // The gravest is drawn last, over the others.
      const bars = gravest
        .toReversed()
        .map(({ from, to, kind }): Bar => ({ from, to, text: '', look: `outage ${kind}` }))
      const said = gravest
        .slice(0, 3)
        .map(({ kind, length, from }) => `${kind} ${sayLength(length.point)} from ${sayInstant(from)}`)
      const more = all.length > 3 ? `; ${sayNumber(all.length - 3)} more` : ''
      const name = html`Outages of lane <b>${lane}</b> ${said.join('; ')}${more}`
      return rowOf({ name, bars, endMs: endOf(report), overlaid: true })
    })}`

const nodeLanes = (report: ScenarioReport): Markup =>
  html`${nodesShown(report).map(({ node, role, zone, answered, lost }, i) => {
    const total = answered.steady + answered.disturbed + answered.recovered
    return html`<p class="chart-name"><b>${node}</b> ${role}, zone ${zone}: ${sayNumber(total)} answered, ${sayNumber(lost)} lost${i === 0 ? html` ${key(['swatch answered', 'answered each 100 ms'], ['swatch wrong', 'lost'])}` : null}</p>
<div class="chart" data-node="${i}"></div>`
  })}`

const opinions = (report: ScenarioReport): Markup => {
  const groups = Map.groupBy(report.analysis.rotation, ({ balancer, backend, node }) =>
    JSON.stringify([balancer, backend, node]),
  )
  return html`${[...groups.values()].map((spans) => {
    const [first] = spans
    if (!first) return null
    const name = html`<b>${first.node}</b> as ${first.balancer} sees it (${first.backend})`
    return rowOf({ name, bars: spans.map(opinionOf), endMs: endOf(report) })
  })}`
}

const opinionOf = ({ from, to, state, reason }: RotationSpan): Bar => ({
  from,
  to,
  label: state,
  text: reason ?? '',
  look: `rotation ${state}`,
})
