// How well callers were served: the worst window of every length and the error budget; bursts and brown-outs; their return after faults.
import type { Analysis, LaneAnalysis, Return, WorstWindow } from '../../analysis/analysis.ts'
import { STABLE_MS } from '../../analysis/recovery.ts'
import { sayShare } from '../../verdict/say.ts'
import { sayInstant, sayLength, sayNumber, sayUsed } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { lanesShown } from './series-data.ts'
import { tableOf, tableOr } from './table.ts'

const number = (head: string) => ({ head, number: true }) as const

/** What lanes of callers and of the Dashboard lost, since nobody has a budget for a control lane. */
const served = (lanes: readonly LaneAnalysis[]): readonly LaneAnalysis[] =>
  lanesShown(lanes).filter(({ purpose }) => purpose === 'callers' || purpose === 'dashboard')

/** The lengths that a page has room for; verdict.json has all of them. */
const SHOWN_MS = [100, 1000, 10_000, 60_000]

/** Availability in the worst windows, and what that took of a month's budget. */
export const availabilityTable = ({ lanes }: Analysis): Markup => {
  const losers = served(lanes).filter(({ worstWindows }) => worstWindows.length > 0)
  return tableOr(
    'Neither callers nor the Dashboard lost a call: no window is worse than another, and no error budget was used.',
    {
      caption:
        'Calls answered in the worst window of each length; the part of 30 days’ error budget that was used; how many times too fast 99.9 % burned while disturbed',
      columns: [
        { head: 'Lane' },
        ...SHOWN_MS.map((ms) => number(`Worst ${sayLength(ms).replace('.0', '')}`)),
        number('Whole run'),
        number('Bad time'),
        number('Used of 99.9 %'),
        number('Of 99.99 %'),
        number('Burn rate'),
      ],
      rows: losers.map(({ lane, worstWindows, errorBudgets }) => {
        const [nines, fourNines] = errorBudgets
        const burn = nines?.burnRate.disturbed
        return [
          lane,
          ...SHOWN_MS.map((ms) => sayWindow(worstWindows.find(({ lengthMs }) => Math.abs(lengthMs - ms) < 1))),
          sayWindow(worstWindows.at(-1)),
          sayLength(nines?.badMs ?? 0),
          sayUsed(nines?.used ?? 0),
          sayUsed(fourNines?.used ?? 0),
          burn == null ? 'no calls' : `${sayNumber(burn)} x`,
        ]
      }),
    },
  )
}

const sayWindow = (window: WorstWindow | undefined): string => (window ? sayShare(window.availability) : 'too short')

/** More than these would be read by nobody. */
const MOST_ROWS = 12

/** Lost calls that lie together, and times in which callers waited; the worst of them. */
export const burstTable = ({ lanes }: Analysis): Markup => {
  const bursts = served(lanes).flatMap(({ lane, errorBursts }) => errorBursts.map((burst) => ({ lane, ...burst })))
  const brownOuts = served(lanes).flatMap(({ lane, brownOuts: all }) => all.map((each) => ({ lane, ...each })))
  const rows = [
    ...bursts
      .toSorted((a, b) => b.lost - a.lost)
      .map(({ lane, from, to, lost, lostInDoubt, peakShare, classes, nodes }) => [
        'Error burst',
        lane,
        sayInstant(from),
        sayLength(to - from),
        `${sayNumber(lost)} lost, up to ${sayShare(peakShare)} in 100 ms: ${sayClasses(classes)}${lostInDoubt > 0 ? `; ${sayNumber(lostInDoubt)} while the machine was disturbed` : ''}`,
        nodes.join(', ') || 'unknown',
      ]),
    ...brownOuts
      .toSorted((a, b) => b.to - b.from - (a.to - a.from))
      .map(({ lane, from, to, worstP99, limitMs }) => [
        'Brown-out',
        lane,
        sayInstant(from),
        sayLength(to - from),
        `p99 up to ${sayLength(worstP99)}, above ${sayLength(limitMs)} all the while`,
        '',
      ]),
  ]
  if (rows.length === 0) return html``
  return html`${tableOf({
    caption: 'Error bursts and brown-outs',
    columns: [{ head: 'Kind' }, { head: 'Lane' }, number('From'), number('Span'), { head: 'What' }, { head: 'Nodes' }],
    rows: rows.slice(0, MOST_ROWS),
  })}${rows.length > MOST_ROWS ? html`<p class="note">The worst ${MOST_ROWS} of ${sayNumber(rows.length)} are listed; verdict.json has all of them.</p>` : null}`
}

const sayClasses = (classes: Readonly<Record<string, number>>): string =>
  Object.entries(classes)
    .map(([name, count]) => `${sayNumber(count)} ${name.replaceAll('-', ' ')}`)
    .join(', ')

/** From here on somebody who waits for an answer notices. */
const NOTICED_MS = 1000

/** When callers had their first answer, and were served as before; rows that tell of neither are left out. */
export const returnTable = (analysis: Analysis): Markup => {
  const { recoveries, faults } = analysis
  const told = recoveries.filter(
    ({ firstAnswer, stable }) =>
      firstAnswer !== null || (stable !== null && (stable.censored || stable.sinceFault.point >= NOTICED_MS)),
  )
  return tableOr('No fault left the callers of a lane without an answer for longer than the lane can see.', {
    caption: `Callers’ return: first answer after a full outage, and from when on they were served as before for ${STABLE_MS / 1000} s`,
    columns: [
      { head: 'Fault' },
      { head: 'Lane' },
      ...['First answer, since the fault', 'since healing', 'As before, since the fault', 'since healing'].map(number),
    ],
    rows: told.map(({ faultId, lane, firstAnswer, stable }) => {
      const index = faults.findIndex(({ id }) => id === faultId)
      return [
        index < 0 ? faultId : `F${index + 1}`,
        lane,
        ...(firstAnswer
          ? sayReturn(firstAnswer)
          : [wasOutAlready(analysis, faultId, lane) ? 'out before it' : 'never without', '']),
        ...(stable ? sayReturn(stable) : ['not known', '']),
      ]
    }),
  })
}

/** Whether a lane was without an answer when a fault was intended: that is none of the fault's. */
const wasOutAlready = ({ faults, lanes }: Analysis, faultId: string, lane: string): boolean => {
  const intendedAt = faults.find(({ id }) => id === faultId)?.intendedAt ?? Infinity
  const outages = lanes.find((each) => each.lane === lane)?.outages ?? []
  return outages.some(({ kind, from, to }) => kind === 'full' && from < intendedAt && to > intendedAt)
}

const sayReturn = ({ sinceFault, sinceHeal, censored }: Return): readonly string[] => {
  const say = (ms: number): string => `${censored ? 'more than ' : ''}${sayLength(ms)}`
  return [say(sinceFault.point), sinceHeal ? say(sinceHeal.point) : 'before it']
}
