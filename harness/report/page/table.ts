// Tables with a caption, scoped headers and numbers set to the right: what every figure of the report can be read in.
import { html, type Markup, type Part } from './markup.ts'

/** A column: its heading, and whether its cells are numbers. */
export interface Column {
  readonly head: string
  readonly number?: boolean
}

interface Table {
  readonly caption: string
  readonly columns: readonly Column[]
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Part[])[]
  readonly kind?: string
}

/** A table, or the sentence `none` when it has no rows. */
export const tableOr = (none: string, table: Table): Markup =>
  table.rows.length === 0 ? html`<p class="none">${none}</p>` : tableOf(table)

/** A table that scrolls by itself where the screen is too narrow for it. */
export const tableOf = ({
  caption,
  columns,
  rows,
  kind = '',
}: Table): Markup => html`<div class="scroll ${kind}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ head, number }) => html`<th scope="col"${classOf(number)}>${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => cellOf(cell, i, columns[i]?.number))}</tr>`)}</tbody>
</table></div>
`

const cellOf = (cell: Part, i: number, number: boolean | undefined): Markup =>
  i === 0 ? html`<th scope="row"${classOf(number)}>${cell}</th>` : html`<td${classOf(number)}>${cell}</td>`

const classOf = (number: boolean | undefined): Markup => (number ? html` class="number"` : html``)
