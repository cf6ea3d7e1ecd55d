// Callers who were cut off together with their zone, judged apart: when, and how soon they were answered again.
import type { Analysis } from '../../analysis/analysis.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { tableOf } from './table.ts'

const number = (head: string) => ({ head, number: true }) as const

/** A line for each lane and time; nothing where no callers stood in a zone that was cut off. */
export const cutOffTable = ({ lanes, faults }: Analysis): Markup => {
  const rows = lanes.flatMap(({ lane, zone, cutOffs = [] }) =>
    cutOffs.map(({ faultId, window: [from, to], calls, answered, answeredAgainMs }) => [
      lane,
      zone,
      `F${faults.findIndex(({ id }) => id === faultId) + 1}`,
      sayInstant(from),
      sayInstant(to),
      sayNumber(calls),
      sayNumber(answered),
      answeredAgainMs === null ? 'never' : sayLength(answeredAgainMs),
    ]),
  )
  if (rows.length === 0) return html``
  return html`${tableOf({
    caption: 'Callers who were cut off with their zone, judged apart',
    columns: [
      { head: 'Lane' },
      { head: 'Zone' },
      { head: 'Fault' },
      ...['From', 'To', 'Calls', 'Answered', 'Answered again after'].map(number),
    ],
    rows,
  })}<p class="note">From the fault’s intent until it was clear. Nothing else in this report counts what became of these calls: nobody in a zone that is cut off can reach a deployment outside of it.</p>`
}
