// What was broken: each fault with its four instants and the evidence that it happened and that it is over.
import type { FaultAnalysis } from '../../analysis/analysis.ts'
import { sayInstant, sayLength } from '../say.ts'
import { sayAsked } from './asked.ts'
import { html, type Markup } from './markup.ts'
import { tableOr } from './table.ts'

/** Every fault: times in a table, evidence below it. */
export const faultSection = (faults: readonly FaultAnalysis[]): Markup => html`${tableOr('Nothing was broken.', {
  caption: 'Faults, with their times since the scenario began',
  columns: [
    { head: 'Fault' },
    { head: 'What was broken' },
    { head: 'Intended', number: true },
    { head: 'In effect', number: true },
    { head: 'Healed', number: true },
    { head: 'Clear', number: true },
    { head: 'Lasted', number: true },
    { head: 'Attested' },
  ],
  rows: faults.map((fault, i) => [
    `F${i + 1}`,
    `${sayFault(fault)}${fault.plannedDowntime ? ' (planned downtime)' : ''}`,
    ...[fault.intendedAt, fault.inEffectAt, fault.healedAt, fault.clearedAt].map(sayInstant),
    fault.inEffectAt === null || fault.healedAt === null ? 'unknown' : sayLength(fault.healedAt - fault.inEffectAt),
    fault.doubts.length === 0 && fault.inEffectAt !== null ? 'yes' : 'no',
  ]),
})}
${faults.map((fault, i) => evidenceOf(fault, i))}`

/** 'slow data-plane-2 (100 ms)'. */
const sayFault = ({ kind, targets, asked = {} }: FaultAnalysis): string => {
  const parameters = sayAsked(asked)
  return `${kind} ${targets.join(', ')}${parameters === '' ? '' : ` (${parameters})`}`
}

const evidenceOf = (
  { kind, targets, evidence, doubts, healedBy }: FaultAnalysis,
  i: number,
): Markup => html`<div class="evidence">
<h4>F${i + 1}, ${kind} ${targets.join(', ')}: attestation</h4>
<ul>${evidence.map(
  ({ at, source, said, confirms, container }) =>
    html`<li><span class="at">${sayInstant(at)}</span> ${said} <span class="source">${source}${container ? `, ${container}` : null}; ${confirms ? 'confirms' : 'contradicts'}</span></li>`,
)}${doubts.map((doubt) => html`<li class="doubt">Doubt: ${doubt}</li>`)}${
  evidence.length + doubts.length === 0 ? html`<li class="doubt">No evidence was recorded.</li>` : null
}</ul>
<p class="healed">${HEALED_BY[healedBy]}</p>
</div>`

const HEALED_BY: Readonly<Record<FaultAnalysis['healedBy'], string>> = {
  script: 'Healed by the scenario.',
  fixture: 'Healed by firedrill after the script, which had not.',
  'longest life': 'Healed by firedrill: nobody had within the longest that it may last.',
  nobody: 'Nobody is known to have healed it.',
}
