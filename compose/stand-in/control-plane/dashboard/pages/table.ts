// A table with a heading for each column, or a sentence where there is nothing to list.
import { type Html, html } from './html.ts'

/** `rows` are finished <tr> pieces. An empty column title stands over the column of acts. */
export const table = (columns: readonly string[], rows: readonly Html[], whenEmpty: string): Html =>
  rows.length === 0
    ? html`<p class="empty">${whenEmpty}</p>`
    : html`<div class="table" tabindex="0" role="region" aria-label="List"><table>
<thead><tr>${columns.map((column) => (column === '' ? html`<td></td>` : html`<th scope="col">${column}</th>`))}</tr></thead>
<tbody>${rows}</tbody></table></div>`
