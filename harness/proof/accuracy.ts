// How near the sensor comes to the truth: its errors by kind, rate and length of outage, against the targets (measurement.md §8).

import type { RunRecord } from './accuracy-record.ts'
import { columns } from './columns.ts'
import { quantile } from './fault-bench.ts'
import type { Sighting } from './sighting.ts'
import { openMs, type TruthKind } from './truth.ts'

/** Sightings that are judged together. */
export interface Cell {
  readonly by: 'firedrill' | 'autocannon'
  readonly kind: TruthKind
  /** Calls a second. */
  readonly rate: number
  /** What the outages were asked to last: one length, or the shortest and the longest of several. */
  readonly askedMs: readonly [shortest: number, longest: number]
  readonly sightings: readonly Sighting[]
}

/** Errors are asked of the sensor alone, and only where it calls as often as this; recall also where it calls more often; bounds at any rate. */
const TARGET_RATE = 1000
/** Outages of up to so long are judged together: that many make a 99th percentile of something. */
export const SHORT_MS = 500
/** 99 % of those that are as short as the sensor can see, all that are longer. */
const SHORTEST_MS = 10
const RECALL = { shortest: 0.99, longer: 1 } as const
/** A cell of whose outages more were doubted, or fewer are known as well as is asked, shows nothing of the rest. */
const LEAST_SHARE = 0.5

/** How far the truth itself is open, ms, where it is known least. */
const openOf = ({ sightings }: Cell): number => sightings.reduce((most, { truth }) => Math.max(most, openMs(truth)), 0)

/** The most that the 99th percentile of the error may be, ms; null where nothing is asked, or too few truths of the cell are known as well. */
const errorLimitOf = (cell: Cell): number | null => {
  const [shortest, longest] = cell.askedMs
  if (cell.rate !== TARGET_RATE || (longest <= SHORT_MS && shortest === longest)) return null
  const limitMs = longest <= SHORT_MS ? 2 : longest <= 2000 ? 10 : 25
  return knownTo(limitMs, cell).length >= LEAST_SHARE * cell.sightings.length ? limitMs : null
}

/** One truth that is known badly says nothing, and takes nothing from the others. */
const knownTo = (limitMs: number, { sightings }: Cell): readonly Sighting[] =>
  sightings.filter(({ truth }) => openMs(truth) <= limitMs)

/** The share that has to be found; null where nothing is asked. */
const recallLimitOf = ({ rate, askedMs: [shortest, longest] }: Cell): number | null => {
  if (shortest !== longest || rate < TARGET_RATE) return null
  if (longest > SHORTEST_MS) return RECALL.longer
  return rate === TARGET_RATE ? RECALL.shortest : null
}

/** Whether anything but the bounds is asked of a cell: of one that found nothing they say nothing. */
const isAsked = (cell: Cell): boolean =>
  cell.by === 'firedrill' && (errorLimitOf(cell) !== null || recallLimitOf(cell) !== null)

const errorsOf = ({ sightings }: Pick<Cell, 'sightings'>): readonly number[] =>
  sightings.flatMap(({ errorMs }) => (errorMs === null ? [] : [Math.abs(errorMs)]))

const countOf = ({ sightings }: Cell, seen: Sighting['seen']): number =>
  sightings.filter((each) => each.seen === seen).length

/** Of those that the sensor did not itself doubt: the share that it found; NaN of none. */
export const recallOf = (cell: Cell): number =>
  countOf(cell, 'found') / (cell.sightings.length - countOf(cell, 'doubted'))

/** What a cell missed, as words; empty where it kept to everything that is asked of it. */
export const missedBy = (cell: Cell): readonly string[] => {
  if (cell.by !== 'firedrill') return []
  const outside = cell.sightings.filter(({ holds }) => holds === false).length
  const bounds = outside === 0 ? [] : [`${outside} outside of their bounds`]
  const [limitMs, asked] = [errorLimitOf(cell), recallLimitOf(cell)]
  // NaN, where nothing was measured, is a miss.
  const isNear = (ms: number): boolean => quantile(errorsOf({ sightings: knownTo(ms, cell) }), 0.99) <= ms
  const [doubted, of] = [countOf(cell, 'doubted'), cell.sightings.length]
  return [
    ...bounds,
    // Whoever doubts what is shown has found nothing, and missed nothing.
    ...(isAsked(cell) && doubted > LEAST_SHARE * of ? [`${doubted} of ${of} doubted`] : []),
    ...(limitMs === null || isNear(limitMs) ? [] : [`p99 above ${limitMs} ms`]),
    ...(asked === null || recallOf(cell) >= asked ? [] : [`recall below ${asked * 100} %`]),
  ]
}

/** The last line, and whether every target was met: where nothing is asked of any outage, none was. `others` are misses beside the cells. */
export const concluded = (
  cells: readonly Cell[],
  others: readonly string[],
): { readonly says: string; readonly isMet: boolean } => {
  const missed = [...cells.flatMap(missedBy), ...others]
  const ours = cells.filter(({ by }) => by === 'firedrill')
  const rates = [...new Set(ours.map(({ rate }) => rate))].filter(
    (rate) => !ours.some((cell) => cell.rate === rate && isAsked(cell)),
  )
  const unasked = rates.length === 0 ? '' : ` Nothing was asked of errors and recall at ${rates.join(', ')} calls/s.`
  if (missed.length > 0) return { says: `Missed: ${missed.join('; ')}.${unasked}`, isMet: false }
  if (ours.length > 0 && !ours.some(isAsked)) return { says: unasked.trim(), isMet: false }
  return { says: `Every target is met.${unasked}`, isMet: true }
}

const targetOf = (cell: Cell): string => {
  if (cell.by !== 'firedrill') return '-'
  const limitMs = errorLimitOf(cell)
  return limitMs === null ? '-' : `<= ${limitMs}`
}

/** `-` where nothing but the bounds was asked: a cell that found nothing has met nothing. */
const verdictOf = (cell: Cell): string => {
  if (cell.by !== 'firedrill') return '-'
  const missed = missedBy(cell)
  if (missed.length > 0) return `missed: ${missed.join(', ')}`
  return isAsked(cell) ? 'met' : '-'
}

/** The cells of everything that was seen: a kind and a rate at a time, ours before autocannon's. */
export const cellsIn = (records: readonly RunRecord[]): readonly Cell[] =>
  records
    .filter(({ kind }) => kind !== 'one-of-two' && kind !== 'soak')
    .reduce<readonly Cell[]>((groups, { by, kind, rate, sightings }) => {
      const of = { by, kind: kind as TruthKind, rate }
      const isSame = (cell: Cell): boolean => cell.by === by && cell.kind === kind && cell.rate === rate
      const before = groups.find(isSame)?.sightings ?? []
      return [
        ...groups.filter((cell) => !isSame(cell)),
        { ...of, askedMs: [0, 0], sightings: [...before, ...sightings] },
      ]
    }, [])
    .toSorted((a, b) => b.by.localeCompare(a.by) || a.kind.localeCompare(b.kind) || a.rate - b.rate)
    .flatMap(cellsOf)

/** One cell for each length, and one for all the short ones together, of what one sensor saw of one kind at one rate. */
const cellsOf = (of: Omit<Cell, 'askedMs'>): readonly Cell[] => {
  const byLength = Map.groupBy(of.sightings, ({ truth }) => truth.askedMs)
  const lengths = [...byLength.keys()].sort((a, b) => a - b)
  const single = lengths.map((ms): Cell => ({ ...of, askedMs: [ms, ms], sightings: byLength.get(ms) ?? [] }))
  const short = single.filter(({ askedMs }) => askedMs[1] <= SHORT_MS)
  const [first, last] = [short[0]?.askedMs[0], short.at(-1)?.askedMs[1]]
  if (first === undefined || last === undefined || short.length < 2) return single
  const together: Cell = { ...of, askedMs: [first, last], sightings: short.flatMap(({ sightings }) => sightings) }
  return [...short, together, ...single.slice(short.length)]
}

const inMs = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1))

/** Every cell: how many were made and what became of them, the error's percentiles in ms, bounds and verdict. */
export const accuracyTable = (cells: readonly Cell[]): string =>
  columns([
    [
      '',
      'calls/s',
      'ms',
      'n',
      'found',
      'doubted',
      'truth ±',
      'p50',
      'p90',
      'p99',
      'max',
      'target',
      'bounds hold',
      'verdict',
    ],
    ...cells.map((cell) => {
      const limitMs = errorLimitOf(cell)
      // Those that are judged, where some are.
      const errors = errorsOf(limitMs === null ? cell : { sightings: knownTo(limitMs, cell) })
      const [shortest, longest] = cell.askedMs
      const judged = cell.sightings.filter(({ holds }) => holds !== null)
      const held = judged.filter(({ holds }) => holds).length
      return [
        cell.by === 'firedrill' ? cell.kind : `${cell.kind}, autocannon`,
        cell.rate.toLocaleString('en-US'),
        shortest === longest ? String(longest) : `${shortest}-${longest}`,
        String(cell.sightings.length),
        String(countOf(cell, 'found')),
        cell.by === 'firedrill' ? String(countOf(cell, 'doubted')) : '-',
        inMs(openOf(cell)),
        ...[0.5, 0.9, 0.99, 1].map((share) => inMs(quantile(errors, share))),
        targetOf(cell),
        cell.by === 'firedrill' ? `${held}/${judged.length}` : '-',
        verdictOf(cell),
      ]
    }),
  ])
