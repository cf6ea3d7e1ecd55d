// The report: one self-contained HTML file that somebody can sign, and that asks the network for nothing.

import { OUTCOMES } from '../history/call.ts'
import { type Assets, readAssets } from './page/assets.ts'
import { firstScreen } from './page/first-screen.ts'
import { html, type Markup, textOf, trusted } from './page/markup.ts'
import { scenarioSection } from './page/scenario-section.ts'
import { type ChartData, chartData, packed } from './page/series-data.ts'
import { signOff } from './page/sign-off.ts'
import { EXIT_MEANINGS, sayDate, type Told, toldOf } from './say.ts'
import type { ScenarioReport, Summary } from './summary.ts'

/** What the page takes in from files beside it. */
export interface Inline {
  /** A screenshot as a data URI; null leaves a link in its place. */
  readonly screenshots: (scenarioFolder: string, file: string) => string | null
}

/** Renders a run. The values are drawn as they are: redact them first. */
export const renderHtml = (summary: Summary, scenarios: readonly ScenarioReport[], inline: Inline): string => {
  const assets = readAssets()
  const told = toldOf(summary, scenarios)
  return textOf(html`${trusted('<!doctype html>')}
<html lang="en">
${head(summary, assets)}
<body>
<a class="skip" href="#verdict">To the verdict</a>
${masthead(summary)}
<main>
${firstScreen(summary, told)}
${told.map((each, index) => scenarioSection(each, { index, find: (file) => inline.screenshots(each.entry.folder, file) }))}
${signOff(summary)}
</main>
<footer><p>Times are since each scenario began, on the callers’ clock. Latency counts from the instant a call was scheduled for. Every file of this run is explained in reports/README.md.</p></footer>
${scripts(told, assets)}
</body>
</html>
`)
}

const head = (summary: Summary, { style, scriptHashes }: Assets): Markup => html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="${policy(scriptHashes)}">
<title>${summary.outcome}: firedrill ${summary.run}</title>
<style>${trusted(style)}</style>
</head>`

// The browser itself keeps the promise: nothing is loaded, sent or run but what the page carries.
const policy = (hashes: readonly string[]): string =>
  `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}; base-uri 'none'; form-action 'none'`

const masthead = (summary: Summary): Markup => html`<header class="masthead">
<p class="name">firedrill</p>
<p class="subject">Failover drill of <b>${summary.stack}</b></p>
<p class="run">Run ${summary.run}<br>${sayDate(summary.startedAt)}<br><span title="${EXIT_MEANINGS[summary.exitCode]}">Exit code ${summary.exitCode}</span></p>
</header>`

const scripts = (told: readonly Told[], assets: Assets): Markup => {
  // A scenario without a record keeps its place, so that a figure finds its data by its number.
  const charts = told.map(({ report }) => (report ? chartData(report) : EMPTY))
  return html`<script type="text/plain" id="charts">${trusted(packed(charts))}</script>
${assets.scripts.map((script) => html`<script>${trusted(script)}</script>`)}`
}

const EMPTY: ChartData = {
  end: 1000,
  around: null,
  outcomes: OUTCOMES,
  lanes: [],
  nodes: [],
  faults: [],
  p99Limit: null,
}
