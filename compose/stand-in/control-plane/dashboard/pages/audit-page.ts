// The newest entries of the audit log.
import type { AuditEntry } from '../../store.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './published-words.ts'
import { table } from './table.ts'

export const auditContent = (entries: readonly AuditEntry[]): Html => html`
<h1>Audit Log</h1>
<p class="lead">Who changed what, newest first.</p>
<div data-live="always">${table(
  ['Time', 'Operator', 'Action', 'Resource', 'Through', 'Address'],
  entries.map(
    (entry) => html`<tr>
<td>${timeOf(entry.created_at)}</td>
<td>${entry.operator}</td>
<td><span class="tag">${entry.action}</span></td>
<td>${entry.resource_type} ${entry.resource_name}</td>
<td>${entry.node}</td>
<td><code>${entry.ip}</code></td></tr>`,
  ),
  'Nothing was changed yet.',
)}</div>`
