// Findings: for each objective what was demanded, what a healthy deployment may lose, what was measured, and the log lines beside it.
import type { Finding } from '../../verdict/verdict.ts'
import { sayInstant, sayLimit, sayMeasured, titleOf, worstFirst } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { markOf } from './outcome.ts'

/** Turns a path of the scenario's folder into a link from the page. */
export type LinkTo = (file: string) => string

/** Every finding, those that were missed first. */
export const findingList = (findings: readonly Finding[], linkTo: LinkTo): Markup =>
  findings.length === 0
    ? html`<p class="none">No objective was judged.</p>`
    : html`<ol class="findings">${worstFirst(findings).map((finding) => findingOf(finding, linkTo))}</ol>`

const findingOf = (finding: Finding, linkTo: LinkTo): Markup => html`<li class="finding ${finding.outcome}">
<h4>${markOf(finding.outcome)} ${titleOf(finding.objective)}</h4>
<p class="because">${finding.because}</p>
<dl class="facts">
<div><dt>Measured</dt><dd>${sayMeasured(finding)}</dd></div>
<div><dt>Demanded</dt><dd>${sayLimit(finding.objective, finding.demanded)}${finding.demandedBy === 'team' ? ' by the team' : null}${finding.looser ? html` <em>looser than the default</em>` : null}</dd></div>
<div><dt>Default</dt><dd>${finding.default === null ? 'none' : sayLimit(finding.objective, finding.default)}</dd></div>
${finding.culprit === undefined ? null : html`<div><dt>Culprit</dt><dd>${finding.culprit}</dd></div>`}
${finding.at === undefined ? null : html`<div><dt>At</dt><dd>${sayInstant(finding.at)}</dd></div>`}
</dl>
${logLines(finding, linkTo)}
</li>`

const logLines = ({ log = [] }: Finding, linkTo: LinkTo): Markup =>
  log.length === 0
    ? html``
    : html`<ul class="log" aria-label="Nearest log lines">${log.map(
        ({ file, line, text }) =>
          html`<li><a href="${linkTo(file)}">${file}, line ${line}</a><code>${text}</code></li>`,
      )}</ul>`
