import { describe, expect, test } from 'vitest'
import { accuracyTable, type Cell, cellsIn, concluded, missedBy, recallOf } from './accuracy.ts'
import { notesOn } from './accuracy-notes.ts'
import type { RunRecord } from './accuracy-record.ts'
import { sightingsIn } from './autocannon-run.ts'
import type { Seen, Sighting } from './sighting.ts'
import type { Truth } from './truth.ts'

const truth = (askedMs: number, from = 5000): Truth => ({
  kind: 'stall',
  askedMs,
  from: [from, from],
  to: [from + askedMs, from + askedMs],
})

const sighting = (askedMs: number, errorMs: number, seen: Seen = 'found', holds = true): Sighting =>
  seen === 'found'
    ? { truth: truth(askedMs), seen, errorMs, holds, outage: null }
    : { truth: truth(askedMs), seen, errorMs: null, holds: null, outage: null }

const record = (sightings: readonly Sighting[], more: Partial<RunRecord> = {}): RunRecord => ({
  ...{ by: 'firedrill', kind: 'stall', rate: 1000, sightings, falseMs: [], floorMs: 10, calls: 60_000 },
  ...{ failed: 0, counted: { said: 0, known: 0, contradicted: 0, inTheAct: 0 }, ...more },
})

const missed = (...records: readonly RunRecord[]): readonly string[] => cellsIn(records).flatMap(missedBy)

describe('the table', () => {
  test('has a cell for each length, and one for all the short ones of a kind and a rate', () => {
    const cells = cellsIn([record([sighting(20, 1), sighting(2000, 3)]), record([sighting(10, -1), sighting(20, 2)])])
    expect(cells.map(({ askedMs, sightings }) => [...askedMs, sightings.length])).toEqual([
      [10, 10, 1],
      [20, 20, 2],
      [10, 20, 3],
      [2000, 2000, 1],
    ])
  })

  test('says of each what was found, how far off, and its verdict', () => {
    const table = accuracyTable(cellsIn([record([sighting(20, -1.25), sighting(20, 0.5), sighting(20, 0, 'doubted')])]))
    expect(table.split('\n')[1]?.split(/ {2,}/)).toEqual([
      ...['stall', '1,000', '20', '3', '2', '1', '0.0', '0.5', '1.3', '1.3', '1.3', '-', '2/2', 'met'],
    ])
  })
})

test('a cell of which nothing is asked has no verdict, and is not said to have met one', () => {
  const verdicts = accuracyTable(cellsIn([record([sighting(20, 0, 'missed')], { rate: 200 })])).split('\n')
  expect(verdicts[1]?.split(/ {2,}/).at(-1)).toBe('-')
})

describe('a target', () => {
  test('is missed where 2 of 100 short ones are off by more than 2 ms, and met where one is', () => {
    const most = Array.from({ length: 98 }, (_, i) => sighting(i % 2 === 0 ? 20 : 50, 1))
    expect(missed(record([...most, sighting(20, -2.5), sighting(50, 1)]))).toEqual([])
    expect(missed(record([...most, sighting(20, -2.5), sighting(50, 2.5)]))).toEqual(['p99 above 2 ms'])
  })

  test('is 10 ms after two seconds and 25 ms after ten', () => {
    expect(missed(record([sighting(2000, 9), sighting(10_000, 24)]))).toEqual([])
    expect(missed(record([sighting(2000, 11), sighting(10_000, 26)]))).toEqual(['p99 above 10 ms', 'p99 above 25 ms'])
  })

  test('of error is none where the truth itself is not known as well', () => {
    const open = (ms: number, errorMs: number): Sighting => ({
      ...sighting(ms, errorMs),
      truth: { ...truth(ms), to: [5000 + ms - 3, 5000 + ms + 3] },
    })
    expect(missed(record([open(20, 9), open(50, 9)]))).toEqual([])
    expect(missed(record([open(2000, 11)]))).toEqual(['p99 above 10 ms'])
    // One of those excuses itself, and none of the others.
    expect(missed(record([open(20, 9), sighting(20, 1), sighting(50, 1)]))).toEqual([])
    expect(missed(record([open(20, 0), sighting(20, 9), sighting(50, 9)]))).toEqual(['p99 above 2 ms'])
  })

  test('of recall is all from 20 ms on, and 99 in a hundred at 10 ms', () => {
    const many = (ms: number, count: number) => Array.from({ length: count }, () => sighting(ms, 0))
    expect(missed(record([...many(10, 99), sighting(10, 0, 'missed')]))).toEqual([])
    expect(missed(record([...many(10, 97), sighting(10, 0, 'missed')]))).toEqual(['recall below 99 %'])
    expect(missed(record([...many(20, 99), sighting(20, 0, 'missed')]))).toEqual(['recall below 100 %'])
  })

  test('of recall does not count what the sensor doubts, and nothing that is certain is a miss', () => {
    const [cell] = cellsIn([record([sighting(20, 0), sighting(20, 0, 'doubted')])])
    expect(recallOf(cell as Cell)).toBe(1)
    expect(missed(record([sighting(20, 0, 'doubted')]))).toEqual(['1 of 1 doubted', 'recall below 100 %'])
    const doubted = Array.from({ length: 59 }, () => sighting(20, 0, 'doubted'))
    expect(missed(record([sighting(20, 0), ...doubted]))).toEqual(['59 of 60 doubted'])
  })

  test('of error is none where hardly any truth is known as well', () => {
    const open = { ...sighting(2000, 9), truth: { ...truth(2000), to: [6900, 7100] as const } }
    const [cell] = cellsIn([record([sighting(2000, 1), ...Array.from({ length: 59 }, () => open)])])
    expect(accuracyTable([cell as Cell])).toMatch(/ - +60\/60 +met$/m)
    expect(missed(record([sighting(2000, 11), ...Array.from({ length: 59 }, () => open)]))).toEqual([])
  })

  test('of error is for 1,000 calls/s, of recall from there on, of bounds for every rate, and none for autocannon', () => {
    const off = [sighting(20, 50, 'found', false), sighting(20, 0, 'missed')]
    expect(missed(record(off, { rate: 200 }))).toEqual(['1 outside of their bounds'])
    expect(missed(record(off, { rate: 2000 }))).toEqual(['1 outside of their bounds', 'recall below 100 %'])
    expect(missed(record([sighting(10, 50), sighting(10, 0, 'missed')], { rate: 2000 }))).toEqual([])
    expect(missed(record(off, { by: 'autocannon' }))).toEqual([])
  })
})

describe('the last line', () => {
  const said = (...records: readonly RunRecord[]) => concluded(cellsIn(records), [])
  const blind = record([sighting(20, 0, 'missed'), sighting(50, 0, 'missed')], { rate: 200 })

  test('says that nothing was asked where every outage may have been missed, and not that all is met', () => {
    expect(said(blind)).toEqual({ says: 'Nothing was asked of errors and recall at 200 calls/s.', isMet: false })
  })

  test('says so beside what was asked and met, or missed', () => {
    expect(said(blind, record([sighting(20, 0)]))).toEqual({
      says: 'Every target is met. Nothing was asked of errors and recall at 200 calls/s.',
      isMet: true,
    })
    expect(said(record([sighting(20, 0)]))).toEqual({ says: 'Every target is met.', isMet: true })
    expect(concluded(cellsIn([record([sighting(20, 0, 'missed')])]), ['a false one'])).toEqual({
      says: 'Missed: recall below 100 %; a false one.',
      isMet: false,
    })
  })

  test('of a soak alone is about false outages alone', () => {
    expect(said(record([], { kind: 'soak' }))).toEqual({ says: 'Every target is met.', isMet: true })
  })
})

describe('beside the table', () => {
  const misses = (...records: readonly RunRecord[]) => notesOn(records).flatMap((note) => note.missed ?? [])

  test('nothing is missed where both counted the same and nothing was found that was not', () => {
    expect(misses(record([sighting(20, 0)]))).toEqual([])
  })

  test('a false outage is, and so is a call of which the two say something else', () => {
    const counted = { said: 3, known: 4, contradicted: 1, inTheAct: 0 }
    expect(misses(record([], { falseMs: [31], counted }))).toEqual([
      'stall at 1,000 calls/s: failed calls are not exact',
      'stall at 1,000 calls/s: false outages',
    ])
  })

  test('behind a balancer with another server every full outage is false', () => {
    const outage = { length: { point: 400, min: 390, max: 410 } } as Sighting['outage']
    const found: Sighting = { ...sighting(500, 0), outage }
    expect(misses(record([found], { kind: 'one-of-two', counted: null }))).toEqual([
      'one-of-two at 1,000 calls/s: false outages',
    ])
    expect(misses(record([sighting(500, 0, 'missed')], { kind: 'one-of-two', counted: null }))).toEqual([])
  })
})

describe('what autocannon says', () => {
  const usual = [[3500, 4480] as const, [4500, 4990] as const]

  test('is the longest time between two successes in which the outage lies', () => {
    expect(sightingsIn([...usual, [4995, 6200]], [truth(100)])).toEqual([
      expect.objectContaining({ seen: 'found', errorMs: 1105 }),
    ])
  })

  test('is nothing where that is no longer than what is usual', () => {
    expect(sightingsIn([...usual, [4995, 5900]], [truth(100)])).toEqual([expect.objectContaining({ seen: 'missed' })])
  })
})
