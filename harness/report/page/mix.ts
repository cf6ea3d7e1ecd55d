// The callers' mix: of each route its share of the calls, what was lost of it, and how long it took.
import type { Analysis } from '../../analysis/analysis.ts'
import { sayLength, sayNumber } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { tableOf } from './table.ts'

const number = (head: string) => ({ head, number: true }) as const

/** More than these would be read by nobody. */
const MOST_ROWS = 40

const PHASES = ['steady', 'disturbed', 'recovered'] as const

/** A line a route, those that lost most first; nothing where every call asks for the same. */
export const mixTable = ({ routes }: Analysis): Markup => {
  if (routes.length === 0) return html``
  const table = tableOf({
    caption: 'The callers’ mix, by route: its share of the calls, what was lost of it, and p99',
    columns: [{ head: 'Route' }, ...['Share', 'Calls', 'Lost', 'p99 steady', 'disturbed', 'recovered'].map(number)],
    rows: routes
      .toSorted((a, b) => b.lost - a.lost)
      .slice(0, MOST_ROWS)
      .map(({ route, share, calls, lost, lostInDoubt, latency }) => [
        route,
        `${(share * 100).toFixed(1)} %`,
        sayNumber(calls),
        `${sayNumber(lost)}${lostInDoubt > 0 ? ` (${sayNumber(lostInDoubt)} while the machine was disturbed)` : ''}`,
        ...PHASES.map((phase) => {
          const p99 = latency[phase]?.p99
          return p99 === undefined ? 'no calls' : sayLength(p99)
        }),
      ]),
  })
  if (routes.length <= MOST_ROWS) return table
  return html`${table}<p class="note">${MOST_ROWS} of ${sayNumber(routes.length)} are listed; verdict.json has all of them.</p>`
}
