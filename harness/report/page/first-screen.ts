// The first screen: the verdict, why in one sentence per scenario, what was run, and the main objectives in one short table.

import { OBJECTIVES } from '../../verdict/objectives.ts'
import type { Finding } from '../../verdict/verdict.ts'
import { DISTRIBUTION_HEADINGS, distributionCells } from '../distributions.ts'
import {
  becauseOf,
  sayDate,
  sayMeasured,
  sayMemory,
  sayMet,
  sayRun,
  sayStandIn,
  sayTook,
  signLimit,
  type Told,
  titleOf,
  tookOf,
  worstFirst,
  worstToldFirst,
} from '../say.ts'
import type { Harness, Summary } from '../summary.ts'
import { linkInto } from './link-into.ts'
import { html, type Markup, type Part } from './markup.ts'
import { markOf, shapeOf } from './outcome.ts'
import { tableOf, tableOr } from './table.ts'

/** The anchor of a scenario's section. */
export const anchorOf = (index: number): string => `scenario-${index + 1}`

/** Everything above the first scenario. */
export const firstScreen = (summary: Summary, told: readonly Told[]): Markup => html`
<section class="verdict ${summary.outcome}" aria-labelledby="verdict">
<h1 id="verdict"><span class="eyebrow">Verdict</span> <span class="stamp">${shapeOf(summary.outcome)}<span class="word">${summary.outcome}</span></span></h1>
<p class="lead">${sayRun(summary)}</p>
</section>
<div class="opening">
<div class="main">
${reasons(told)}
${objectives(told)}
${distributions(summary)}
${skipped(summary)}
${attempts(summary)}
</div>
${provenance(summary)}
</div>`

const reasons = (told: readonly Told[]): Markup =>
  tableOr('No scenario was run.', {
    caption: 'Scenarios and why they ended as they did',
    kind: 'reasons',
    columns: [
      { head: 'Scenario' },
      { head: 'Verdict' },
      { head: 'Because' },
      { head: 'Objectives met', number: true },
      { head: 'Took', number: true },
    ],
    rows: worstToldFirst(told).map((each) => [
      html`<a href="#${anchorOf(told.indexOf(each))}">${each.entry.folder}</a>`,
      markOf(each.entry.outcome),
      becauseOf(each),
      sayMet(each.entry.findings),
      sayTook(tookOf(each)),
    ]),
  })

// The questions a board asks first, beside whatever was not met; the rest is in each scenario.
const MAIN: readonly string[] = ['fullOutage', 'lostCalls', 'p99', 'ejection', 'readmission', 'convergence', 'uiStall']

const objectives = (told: readonly Told[]): Markup => {
  const asked = OBJECTIVES.filter((key) =>
    told.some(({ entry }) => {
      const finding = findingOf(entry.findings, key)
      return finding && (MAIN.includes(key) || finding.outcome !== 'pass')
    }),
  )
  if (asked.length === 0) return html``
  return tableOf({
    caption: 'Main objectives and those not met: measured, and demanded',
    kind: 'matrix',
    columns: [{ head: 'Scenario' }, ...asked.map((key) => ({ head: titleOf(key) }))],
    rows: worstToldFirst(told).map(({ entry }) => [
      entry.folder,
      ...asked.map((key) => cellOf(findingOf(entry.findings, key))),
    ]),
  })
}

// An objective may be judged for several lanes: the one that ended worst speaks for it.
const findingOf = (findings: readonly Finding[], objective: string): Finding | undefined =>
  worstFirst(findings).find((finding) => finding.objective === objective)

const cellOf = (finding: Finding | undefined): Part =>
  finding
    ? html`<span class="measured ${finding.outcome}">${finding.outcome === 'pass' ? null : shapeOf(finding.outcome)}${sayMeasured(finding)}${finding.outcome === 'pass' ? null : html`<span class="unseen"> (${finding.outcome})</span>`}</span> <span class="limit">${signLimit(finding.objective, finding.demanded)}</span>`
    : html`<span class="limit"><span aria-hidden="true">\u2013</span><span class="unseen">not demanded</span></span>`

const distributions = ({ distributions: all = [] }: Summary): Markup => {
  if (all.length === 0) return html``
  const outside = all.flatMap((each) => each.outside)
  return html`${tableOf({
    caption: 'Played many times: percentiles with 95 % confidence, and what the settings predict',
    columns: DISTRIBUTION_HEADINGS.map((head) => ({ head })),
    rows: all.map(distributionCells),
  })}${outside.length === 0 ? null : html`<ul>${outside.map(({ because }) => html`<li>${because}</li>`)}</ul>`}`
}

const skipped = ({ skipped: left }: Summary): Markup =>
  left.length === 0
    ? html``
    : tableOf({
        caption: 'Scenarios that were skipped',
        columns: [{ head: 'Scenario' }, { head: 'Because' }],
        rows: left.map(({ name, because }) => [name, because]),
      })

const attempts = ({ attempts: earlier = [] }: Summary): Markup =>
  earlier.length === 0
    ? html``
    : tableOf({
        caption: 'Earlier attempts, as they are judged now',
        columns: [{ head: 'Scenario' }, { head: 'Verdict' }, { head: 'Because' }],
        rows: earlier.map(({ name, folder, outcome, because }) => [
          html`<a href="${linkInto(folder)('verdict.json')}">${name}</a>`,
          markOf(outcome),
          because,
        ]),
      })

/** What made the run, enough to repeat it. */
const provenance = (summary: Summary): Markup => {
  const { harness, judgedBy, images, upgrades = {}, composeSha256, timings, lbCheck, machine } = summary.provenance
  const underTest = sayStandIn(summary)
  const facts: readonly (readonly [string, Part])[] = [
    ['Date', sayDate(summary.startedAt)],
    ['Took', sayTook(summary.tookMs)],
    ['Stack', summary.suite === undefined ? summary.stack : `${summary.stack}, suite ${summary.suite}`],
    ...(underTest === null ? [] : [['Under test', underTest] as const]),
    ['Planted defect', summary.defect ?? 'none'],
    ['Timings', timings],
    ['Balancer check', html`<code>${lbCheck}</code>`],
    ['Seed', String(summary.seed)],
    ['Harness', sayHarness(harness)],
    ...(judgedBy
      ? [
          [
            'Judged again',
            html`by ${sayHarness(judgedBy)}; instead of <code>${shorten(judgedBy.supersedes)}</code>`,
          ] as const,
        ]
      : []),
    [
      'Machine',
      `${machine.os}, kernel ${machine.kernel}, ${machine.cpus} CPUs, ${sayMemory(machine.memoryMb)}, engine ${machine.engine}`,
    ],
    ['Compose files', html`<code>${shorten(composeSha256)}</code>`],
    [
      'Images',
      html`<ul class="plain">${Object.entries(images).map(([name, id]) => html`<li>${name} <code>${shorten(id)}</code></li>`)}${Object.entries(upgrades).map(([role, { from, to }]) => html`<li>${role} upgraded from ${from} to ${to}</li>`)}</ul>`,
    ],
  ]
  return html`<aside class="provenance" aria-labelledby="provenance">
<h2 id="provenance">Provenance</h2>
<dl>${facts.map(([term, said]) => html`<div${term === 'Images' ? html` class="tall"` : null}><dt>${term}</dt><dd>${said}</dd></div>`)}</dl>
</aside>`
}

const sayHarness = ({ version, commit, node }: Harness): Markup =>
  html`${version}, commit <code>${shorten(commit ?? 'unknown')}</code>, Node ${node}`

/** The first twelve digits of a digest, and whatever is said after it; the whole one stands in summary.json. */
const shorten = (digest: string): string => digest.replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]*/, '$1')
