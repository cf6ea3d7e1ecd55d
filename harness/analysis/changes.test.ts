import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import { changesOf, writeOutagesOf } from './changes.ts'
import { historyOf } from './history.fixture.ts'

const change = (id: string, at: number, stage: 'sent' | 'accepted' | 'refused' | 'unknown'): Event => ({
  kind: 'change',
  at,
  id,
  by: 'operator',
  what: `change ${id}`,
  stage,
})
const seen = (id: string, at: number, node: string, lastLookAt: number): Event => ({
  kind: 'change',
  at,
  id,
  by: 'operator',
  what: `change ${id}`,
  stage: 'seen',
  node,
  lastLookAt,
})
const reaches = (at: number, waitedMs: number, nodes: readonly string[], outcome: 'seen' | 'ran-out'): Event => ({
  kind: 'observation',
  at,
  observed: 'reaches',
  nodes,
  outcome,
  waitedMs,
})

const convergenceOf = (events: readonly Event[]) =>
  analyse(historyOf({ events })).timings.filter((timing) => timing.measure === 'convergence')

describe('convergence', () => {
  test('lasts from acceptance to the first look that saw it', () => {
    const events = [
      change('c', 9000, 'sent'),
      change('c', 9010, 'accepted'),
      seen('c', 9310, 'data-plane-1', 9210),
      reaches(9320, 300, ['data-plane-1'], 'seen'),
    ]
    expect(convergenceOf(events)).toEqual([
      {
        measure: 'convergence',
        of: 'c',
        at: 'data-plane-1',
        censored: false,
        took: { point: 250, min: 200, max: 300 },
      },
    ])
  })

  test('of a change that the first look saw may have been nought: nobody saw it missing', () => {
    const events = [
      change('c', 9000, 'sent'),
      change('c', 9010, 'accepted'),
      seen('c', 20_010, 'data-plane-1', 20_000),
      reaches(20_010, 10, ['data-plane-1'], 'seen'),
    ]
    expect(convergenceOf(events)[0]?.took.min).toBe(0)
  })

  test('that nobody saw is censored, and counts from the acceptance', () => {
    const events = [
      change('c', 9000, 'sent'),
      change('c', 9010, 'accepted'),
      reaches(19_020, 10_000, ['data-plane-2'], 'ran-out'),
    ]
    expect(convergenceOf(events)).toEqual([
      {
        measure: 'convergence',
        of: 'c',
        at: 'data-plane-2',
        censored: true,
        took: { point: 10_010, min: 10_010, max: 10_010 },
      },
    ])
  })

  test('a wait in vain is of the last change accepted before it', () => {
    const events = [
      change('a', 9000, 'sent'),
      change('a', 9010, 'accepted'),
      change('b', 9100, 'sent'),
      change('b', 9110, 'accepted'),
      reaches(12_120, 3000, ['data-plane-2'], 'ran-out'),
    ]
    expect(changesOf(events).map(({ id, missedAt }) => [id, missedAt])).toEqual([
      ['a', []],
      ['b', ['data-plane-2']],
    ])
  })
})

describe('a change that was there', () => {
  const remains = (id: string, outcome: 'seen' | 'ran-out'): Event => ({
    kind: 'observation',
    at: 19_000,
    observed: 'remains',
    change: id,
    nodes: ['data-plane-1'],
    outcome,
    waitedMs: 100,
  })
  const there = [
    change('a', 9000, 'sent'),
    change('a', 9010, 'accepted'),
    seen('a', 9110, 'data-plane-1', 9100),
    change('b', 9500, 'sent'),
    change('b', 9510, 'accepted'),
    seen('b', 9610, 'data-plane-1', 9600),
  ]

  test('and is gone is missing, though it was seen; how long it took stays as it was', () => {
    const events = [...there, remains('a', 'ran-out')]
    expect(changesOf(events).map(({ id, missedAt }) => [id, missedAt])).toEqual([
      ['a', ['data-plane-1']],
      ['b', []],
    ])
    expect(convergenceOf(events)).toEqual(convergenceOf(there))
  })

  test('and remains is not', () => {
    expect(changesOf([...there, remains('a', 'seen')]).map(({ missedAt }) => missedAt)).toEqual([[], []])
  })
})

test('a wait in vain that names its change is of that one, whatever was accepted since', () => {
  const events = [
    change('a', 9000, 'sent'),
    change('a', 9010, 'accepted'),
    change('b', 9100, 'sent'),
    change('b', 9110, 'accepted'),
    { ...reaches(12_120, 3000, ['data-plane-2'], 'ran-out'), change: 'a' },
  ]
  expect(changesOf(events).map(({ missedAt }) => missedAt)).toEqual([['data-plane-2'], []])
})

describe('a write outage', () => {
  const lengthOf = (events: readonly Event[]) => {
    const [outage] = writeOutagesOf(changesOf(events), [0, 20_000])
    return outage && [outage.lengthMs, outage.censored]
  }

  test('lasts from the first change that was not accepted to the next that was', () => {
    expect(
      lengthOf([
        change('a', 1000, 'sent'),
        change('a', 1010, 'accepted'),
        change('b', 2000, 'sent'),
        change('b', 2500, 'refused'),
        change('c', 3000, 'sent'),
        change('c', 3100, 'accepted'),
      ]),
    ).toEqual([1100, false])
  })

  test('that lasts to the end is censored', () => {
    expect(lengthOf([change('a', 15_000, 'sent'), change('a', 17_000, 'unknown')])).toEqual([5000, true])
  })

  test('is unknown where nobody asked', () => {
    expect(writeOutagesOf([], [0, 20_000])).toEqual([])
  })
})

test('a node that showed a change by turns is told apart from one that never did', () => {
  const ranOut = { ...reaches(12_120, 3000, ['data-plane-1', 'data-plane-2'], 'ran-out'), change: 'a' }
  const events = [change('a', 9000, 'sent'), change('a', 9010, 'accepted'), { ...ranOut, byTurns: ['data-plane-2'] }]
  expect(changesOf(events)).toMatchObject([{ missedAt: ['data-plane-1', 'data-plane-2'], byTurnsAt: ['data-plane-2'] }])
})
