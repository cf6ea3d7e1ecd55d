// One scenario: its findings, its figure, and everything that was measured, in the order a reader asks.
import { eventsOf, type Settings } from '../../history/event.ts'
import type { Assumption, Verdict } from '../../verdict/verdict.ts'
import { becauseOf, sayDate, sayInstant, type Told } from '../say.ts'
import type { ScenarioReport } from '../summary.ts'
import { availabilityTable, burstTable, returnTable } from './availability.ts'
import { cutOffTable } from './cut-off.ts'
import { directTable } from './direct.ts'
import { faultSection } from './faults.ts'
import { findingList } from './findings.ts'
import { anchorOf } from './first-screen.ts'
import { linkInto } from './link-into.ts'
import { html, type Markup } from './markup.ts'
import { balanceTable, errorTable, latencyTable, lossTable, outageTable, timingTable, zoneTable } from './measures.ts'
import { mixTable } from './mix.ts'
import { operatorSection } from './operator.ts'
import { markOf } from './outcome.ts'
import { sayRunbookPage } from './runbook-page.ts'
import { type FindScreenshot, gallery, stepTable } from './steps.ts'
import { tableOf, tableOr } from './table.ts'
import { timeline } from './timeline.ts'
import { waitingTable } from './waiting.ts'

/** The section of one scenario. */
export const scenarioSection = (told: Told, { index, find }: { index: number; find: FindScreenshot }): Markup => {
  const { entry, report } = told
  const linkTo = linkInto(entry.folder)
  return html`<section class="scenario" id="${anchorOf(index)}" aria-labelledby="${anchorOf(index)}-title">
<header>
<p class="eyebrow">Scenario ${index + 1}: ${entry.folder}</p>
<h2 id="${anchorOf(index)}-title">${entry.title}</h2>
<p class="lead">${markOf(entry.outcome)} ${becauseOf(told)}</p>
${report ? about(report) : null}
</header>
<h3>Findings</h3>
${findingList(entry.findings, linkTo)}
${report ? recordOf(report, { index, find, linkTo }) : html`<p class="none">The record of this scenario could not be read, so nothing more can be shown.</p>`}
</section>`
}

const about = ({ history, verdict, folder }: ScenarioReport): Markup => {
  const [run] = eventsOf(history.events, 'run')
  const runbook = run?.scenario.runbook
  return html`<p class="about">${runbook ? html`${sayRunbookPage(runbook.page)}, “${runbook.section}”. ` : null}Began ${sayDate(verdict.startedAt)}.${
    run
      ? html` ${run.settings.rate} calls a second asked for, on the main lanes together, deadline ${run.settings.deadlineMs} ms${run.settings.calls ? html`; they ask for what ${run.settings.calls} holds` : null}. Timings: ${run.settings.timings}. Balancer check: <code>${run.settings.lbCheck}</code>.${sayVariables(run.settings)}`
      : null
  } Record: <a href="${linkInto(folder)('verdict.json')}">verdict.json</a>, <a href="${linkInto(folder)('history.jsonl')}">history.jsonl</a>, <a href="${linkInto(folder)('latency.hlog')}">latency.hlog</a>.</p>`
}

const sayVariables = ({ variables = {} }: Settings): Markup =>
  Object.keys(variables).length === 0
    ? html``
    : html` Set otherwise than its Compose files have it: <code>${Object.entries(variables)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}</code>.`

interface Telling {
  readonly index: number
  readonly find: FindScreenshot
  readonly linkTo: (file: string) => string
}

const recordOf = (report: ScenarioReport, { index, find, linkTo }: Telling): Markup => {
  const { analysis, verdict, history } = report
  return html`<h3>Timeline</h3>
${timeline(report, index)}
<h3>Faults</h3>
${faultSection(analysis.faults)}
${lossTable(analysis)}
<h3>Outages</h3>
${outageTable(analysis)}
${cutOffTable(analysis)}
${burstTable(analysis)}
${errorTable(analysis)}
<h3>Availability</h3>
${availabilityTable(analysis)}
<h3>Ejection, readmission, failover, recovery, convergence</h3>
${timingTable(analysis)}
${returnTable(analysis)}
<h3>Latency</h3>
${latencyTable(analysis)}
${mixTable(analysis)}
<h3>Balance</h3>
${balanceTable(analysis)}
${zoneTable(analysis)}
${directTable(analysis)}
${operatorSection(analysis)}
<h3>Runbook steps</h3>
${stepTable(history.events)}
${gallery(history.events, { find, linkTo })}
<h3>Assumptions</h3>
${assumptionTable(verdict.assumptions)}
${waitingTable(analysis)}
${unsavedNote(verdict)}
${doubtTable(report)}`
}

const assumptionTable = (assumptions: readonly Assumption[]): Markup =>
  tableOr('No assumption was judged.', {
    caption: 'What has to hold for a pass to mean anything',
    columns: [{ head: 'Assumption' }, { head: 'Holds' }, { head: 'Because' }, { head: 'Window' }],
    rows: assumptions.map(({ name, holds, because, window }) => [
      name,
      holds ? 'holds' : html`<strong class="inconclusive">does not hold</strong>`,
      because,
      window ? `${sayInstant(window[0])} to ${sayInstant(window[1])}` : 'the whole scenario',
    ]),
  })

const unsavedNote = ({ unsaved = [] }: Verdict): Markup =>
  unsaved.length === 0 ? html`` : html`<p class="note">Not saved, and nothing rests on it: ${unsaved.join(' ')}</p>`

const doubtTable = ({ analysis: { doubts } }: ScenarioReport): Markup =>
  doubts.length === 0
    ? html``
    : tableOf({
        caption: 'What the sensor says about itself',
        columns: [{ head: 'About' }, { head: 'Because' }, { head: 'Window' }],
        rows: doubts.map(({ about: subject, because, window }) => [
          subject,
          because,
          `${sayInstant(window[0])} to ${sayInstant(window[1])}`,
        ]),
      })
