import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import { historyOf, opinion } from './history.fixture.ts'

type Values = Readonly<Record<string, string | null>>

const wrote = (
  id: string,
  value: string | null,
  [sentAt, endedAt]: readonly [number, number | null],
): readonly Event[] => [
  { kind: 'write', at: sentAt, id, key: 'stream-1', value, stage: 'sent' },
  ...(endedAt === null ? [] : [{ kind: 'write', at: endedAt, id, key: 'stream-1', value, stage: 'accepted' } as const]),
]

/** Views by a gateway, each until 100 ms before the next; the last is looked at for the last time at `end`. */
const views = (
  node: string,
  seen: readonly (readonly [at: number, values: Values])[],
  end = 28_000,
): readonly Event[] => [
  ...seen.map(([at, values]): Event => ({ kind: 'view', at, node, lastLookAt: at - 100, values })),
  { kind: 'view', at: end, node, lastLookAt: end - 100, values: seen.at(-1)?.[1] ?? {} },
]

const WRITES = [...wrote('a', 'a', [5000, 5010]), ...wrote('b', 'b', [9000, 9010]), ...wrote('u', 'u', [12_000, null])]

const streamOf = (events: readonly Event[], demand = { convergence: '10s' }) =>
  analyse(historyOf({ demand, events: [...WRITES, ...events] })).stream

const A = { 'stream-1': 'a' }
const B = { 'stream-1': 'b' }

test('nobody wrote a stream', () => {
  expect(analyse(historyOf()).stream).toBeNull()
})

test('writes are counted by what became of them, and nothing is told of gateways that follow', () => {
  expect(
    streamOf(
      views('data-plane-2', [
        [5050, A],
        [9050, B],
      ]),
    ),
  ).toMatchObject({
    writes: 3,
    accepted: 2,
    unknown: 1,
    gateways: ['data-plane-2'],
    isStoreSilent: false,
    anomalies: [],
  })
})

test('a gateway that never shows what was accepted has lost it', () => {
  expect(streamOf(views('data-plane-2', [[5050, A]]))?.anomalies).toMatchObject([{ kind: 'lost', write: 'b' }])
})

test('how long an old value may be shown is the convergence that is demanded', () => {
  const late = views('data-plane-2', [
    [5050, A],
    [15_000, B],
  ])
  expect(streamOf(late, { convergence: '10s' })?.anomalies).toEqual([])
  expect(streamOf(late, { convergence: '3s' })?.anomalies).toMatchObject([{ kind: 'stale', write: 'a' }])
})

test('what a gateway shows while no balancer trusts it concerns nobody; what it shows when it is back does', () => {
  const out = (at: number, state: 'in' | 'out', was: 'in' | 'out'): Event => ({
    kind: 'rotation',
    at,
    balancer: 'callers-balancer',
    backend: 'gateways',
    node: 'data-plane-1',
    state,
    was,
    lastLookAt: at - 100,
  })
  const spans = [out(8500, 'out', 'in'), out(15_000, 'in', 'out')]
  const current = views('data-plane-2', [
    [5050, A],
    [9050, B],
  ])
  const stillOld = [
    ...spans,
    ...current,
    ...views('data-plane-1', [
      [5050, A],
      [14_900, B],
    ]),
  ]
  const oldWhenBack = [
    ...spans,
    ...current,
    ...views('data-plane-1', [
      [5050, A],
      [20_000, B],
    ]),
  ]
  const demand = { convergence: '3s' }
  expect(streamOf(stillOld, demand)?.anomalies).toEqual([])
  expect(streamOf(oldWhenBack, demand)?.anomalies).toMatchObject([{ kind: 'stale', nodes: ['data-plane-1'] }])
})

test('what was acknowledged after a write that nobody answered was shown is lost where the store has that write again', () => {
  const kept: Event = { kind: 'kept', at: 28_500, values: { 'stream-1': 'u' } }
  const known = [...wrote('c', 'c', [15_000, 15_010]), kept]
  const C = { 'stream-1': 'c' }
  const before = [
    [5050, A],
    [9050, B],
  ] as const
  expect(
    streamOf([...known, ...views('data-plane-2', [...before, [12_050, { 'stream-1': 'u' }], [15_050, C]])])?.anomalies,
  ).toMatchObject([{ kind: 'lost', write: 'c', inStore: true }])
  // Where nobody saw it before, it may have been carried out after.
  expect(streamOf([...known, ...views('data-plane-2', [...before, [15_050, C]])])?.anomalies).toEqual([])
})

describe('where gateways differ in the end about a write that nobody answered, and need not agree yet', () => {
  const U = { 'stream-1': 'u' }
  const took = views('data-plane-2', [
    [5050, A],
    [9050, B],
    [12_050, U],
  ])
  const skipped = (seen: readonly (readonly [number, Values])[] = [], end?: number) =>
    views('data-plane-1', [[5050, A], [9050, B], ...seen], end)
  const demand = { convergence: '60s' }

  test('it is unsettled at those that do not show what the store has, or the newest', () => {
    const told = (kept: Values | null) =>
      streamOf([...took, ...skipped(), { kind: 'kept', at: 28_500, values: kept }], demand)?.anomalies
    const notTaken = { kind: 'unsettled', key: 'stream-1', nodes: ['data-plane-1'], write: 'u', at: 28_000 }
    expect(told(null)).toEqual([notTaken])
    expect(told(U)).toEqual([notTaken])
    expect(told(B)).toEqual([{ ...notTaken, nodes: ['data-plane-2'], write: 'b' }])
  })

  test.each<[string, readonly Event[]]>([
    ['shows it just before the end', skipped([[27_900, U]])],
    ['has not been in rotation for long', [...skipped(), opinion(20_000, 'data-plane-1', 'out', 'in')]],
    ['went just before the end', [...skipped(), opinion(27_500, 'data-plane-1', 'out', 'in')]],
    ['was not looked at any more', skipped([], 24_000)],
  ])('there is no doubt of one that %s', (_, events) => {
    expect(streamOf([...took, ...events], demand)?.anomalies).toEqual([])
  })
})
