// Who waited for a processor: what the machine, and not the deployment, kept calls waiting for.
import type { Analysis, PhaseName, WaitingShare } from '../../analysis/analysis.ts'
import { html, type Markup } from './markup.ts'
import { tableOf } from './table.ts'

const PHASES: readonly PhaseName[] = ['steady', 'disturbed', 'recovered']

/** Of those who waited so many are listed. */
const MOST_NAMES = 12

/** Nothing where nobody waited, or where an older version saved the analysis. */
export const waitingTable = ({ waiting = [] }: Pick<Analysis, 'waiting'>): Markup => {
  if (waiting.length === 0) return html``
  const calls = waiting.filter(({ kind }) => kind === 'calls')
  const names = waiting.filter(({ kind }) => kind === 'name')
  const rows = (shares: readonly WaitingShare[]) =>
    shares.map(({ of, shares }) => [of, ...PHASES.map((phase) => sayShare(shares[phase]))])
  const columns = ['Steady', 'Disturbed', 'Recovered'].map((head) => ({ head, number: true }))
  return html`${tableOf({
    caption:
      'Processors were short, for half of the time or more, for somebody whom these pass: how much of each phase is in doubt',
    columns: [{ head: 'Concerned' }, ...columns],
    rows: rows(calls),
  })}${
    names.length === 0
      ? html`<p class="note">Who waited for a processor is not on record, so it may have been anybody.</p>`
      : tableOf({
          caption: `Who waited for a processor, and for how much of each phase${names.length > MOST_NAMES ? `: the ${MOST_NAMES} of ${names.length} that waited most` : ''}`,
          columns: [{ head: 'Who' }, ...columns],
          rows: rows(names.slice(0, MOST_NAMES)),
        })
  }`
}

const sayShare = (share: number | undefined): string => (share === undefined ? '' : `${Math.round(share * 100)} %`)
