// The newest entries of the audit log.
import type { AuditEntry } from '../audit.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './service-pages.ts'

export const auditContent = (entries: readonly AuditEntry[]): Html => html`
<h1>Audit Log</h1>
<p class="lead">Who changed what, newest first.</p>
<div data-live>${
  entries.length === 0
    ? html`<p class="empty">Nothing was changed yet.</p>`
    : html`<div class="table"><table>
<thead><tr><th scope="col">Time</th><th scope="col">Operator</th><th scope="col">Action</th><th scope="col">Resource</th><th scope="col">Through</th></tr></thead>
<tbody>${entries.map(
        (entry) => html`<tr>
<td>${timeOf(entry.created_at)}</td>
<td>${entry.operator}</td>
<td><span class="tag">${entry.action}</span></td>
<td>${entry.resource_type} ${entry.resource_name}</td>
<td>${entry.node}</td></tr>`,
      )}</tbody></table></div>`
}</div>`
