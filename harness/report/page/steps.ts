// The runbook as it was walked: each step with its times, and the Dashboard's screenshots where they were taken.
import { type Event, eventsOf } from '../../history/event.ts'
import { sayInstant, sayLength } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { tableOr } from './table.ts'

/** One step of the runbook; `to` is null when it never ended. */
export interface Step {
  readonly number: number
  readonly title: string
  readonly from: number
  readonly to: number | null
  readonly error?: string
}

/** The steps of a history in the order they began. */
export const stepsOf = (events: readonly Event[]): readonly Step[] => {
  const steps = eventsOf(events, 'step')
  return steps
    .filter(({ stage }) => stage === 'begin')
    .map(({ id, title, at }, i) => {
      const end = steps.find((event) => event.stage === 'end' && event.id === id)
      return {
        number: i + 1,
        title,
        from: at,
        to: end?.at ?? null,
        ...(end?.error === undefined ? {} : { error: end.error }),
      }
    })
}

/** The steps with their times. */
export const stepTable = (events: readonly Event[]): Markup =>
  tableOr('No step was recorded.', {
    caption: 'Runbook steps',
    columns: [
      { head: 'Step', number: true },
      { head: 'What was done' },
      { head: 'Began', number: true },
      { head: 'Took', number: true },
      { head: 'Ended' },
    ],
    rows: stepsOf(events).map(({ number, title, from, to, error }) => [
      String(number),
      title,
      sayInstant(from),
      to === null ? 'never ended' : sayLength(to - from),
      error === undefined ? (to === null ? 'no' : 'as planned') : html`<span class="error">${error}</span>`,
    ]),
  })

/** Finds a screenshot of a scenario as a data URI; null where it is not inlined. */
export type FindScreenshot = (file: string) => string | null

/** The Dashboard as it looked, in order. */
export const gallery = (
  events: readonly Event[],
  { find, linkTo }: { find: FindScreenshot; linkTo: (file: string) => string },
): Markup => {
  const shots = eventsOf(events, 'screenshot')
  if (shots.length === 0) return html``
  return html`<h3>The Dashboard as it looked</h3><ol class="gallery">${shots.map(({ title, file, at }) => {
    const uri = find(file)
    const image = uri?.startsWith('data:image/') ? html`<img src="${uri}" alt="${title}" loading="lazy">` : null
    return html`<li><figure>${image}<figcaption>${sayInstant(at)}: ${title} ${image ? null : html`(<a href="${linkTo(file)}">${file}</a>)`}</figcaption></figure></li>`
  })}</ol>`
}
