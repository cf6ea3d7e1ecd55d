// The page that is signed: who accepts or rejects this result, in what role, for which environment, and what exactly they signed.
import { digestOf, summaryJson } from '../json.ts'
import { EXIT_MEANINGS, sayDate, sayRun, sayStandIn } from '../say.ts'
import type { Summary } from '../summary.ts'
import { html, type Markup } from './markup.ts'
import { markOf } from './outcome.ts'

const FIELDS = [
  ['signatory', 'Signatory', 'name'],
  ['role', 'Role', 'organization-title'],
  ['environment', 'Environment', 'off'],
  ['date', 'Date', 'off'],
] as const

/** The sign-off; fields can be filled in on the screen or on paper. */
export const signOff = (summary: Summary): Markup => {
  const underTest = sayStandIn(summary)
  return html`<section class="sign-off" aria-labelledby="sign-off">
<h2 id="sign-off">Sign-off</h2>
<p>${markOf(summary.outcome)} Run <b>${summary.run}</b> of ${sayDate(summary.startedAt)} on stack ${summary.stack}. ${sayRun(summary)}
Exit code ${summary.exitCode}, ${EXIT_MEANINGS[summary.exitCode]}.${underTest === null ? null : html` Under test was ${underTest}.`}</p>
<p class="digest">SHA-256 of summary.json: <code>${digestOf(summaryJson(summary))}</code></p>
<fieldset class="decision"><legend>Decision</legend>${['Accepted', 'Accepted with remarks', 'Rejected'].map(
    (choice) => html`<label><input type="radio" name="decision" value="${choice}"> ${choice}</label>`,
  )}</fieldset>
<div class="fields">${FIELDS.map(
    ([id, label, autocomplete]) =>
      html`<div class="field"><label for="${id}">${label}</label><input id="${id}" type="text" autocomplete="${autocomplete}"></div>`,
  )}
<div class="field wide"><label for="remarks">Remarks</label><textarea id="remarks" rows="4"></textarea></div>
<div class="field wide signature"><span>Signature</span></div></div>
<p class="keep">What is typed here stays in this window. Print the page or save it as PDF to keep it. <button type="button" data-print>Print</button></p>
</section>`
}
