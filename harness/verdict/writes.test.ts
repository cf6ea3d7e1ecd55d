import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf, KILL } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const wrote = (value: string, at: number): readonly Event[] =>
  (['sent', 'accepted'] as const).map((stage, i) => ({
    kind: 'write',
    at: at + i * 10,
    id: value,
    key: 'stream-1',
    value,
    stage,
  }))

/** A gateway that shows these, each from its instant on. */
const showed = (node: string, seen: readonly (readonly [at: number, value: string])[]): readonly Event[] =>
  [...seen, [28_000, seen.at(-1)?.[1] ?? ''] as const].map(([at, value]) => ({
    kind: 'view',
    at,
    node,
    lastLookAt: at - 100,
    values: { 'stream-1': value },
  }))

const WENT_BACK = [
  [5050, 'a'],
  [9050, 'b'],
  [15_000, 'a'],
] as const
const FOLLOWED = [
  [5050, 'a'],
  [9050, 'b'],
] as const

const findingOf = (views: readonly (readonly Event[])[]) => {
  const events = [...wrote('a', 5000), ...wrote('b', 9000), ...views.flat()]
  const history = historyOf({ events, demand: { lostChanges: 0, convergence: '10s' } })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
}

describe('an acknowledged write that is gone', () => {
  test('at every gateway alike is the control plane’s', () => {
    expect(findingOf([showed('data-plane-2', WENT_BACK), showed('data-plane-3', WENT_BACK)])).toMatchObject({
      outcome: 'fail',
      culprit: 'control-plane-1, control-plane-2',
      because: expect.stringMatching(/it is what they were given/),
    })
  })

  test('at one of two gateways is that one’s', () => {
    expect(findingOf([showed('data-plane-2', FOLLOWED), showed('data-plane-3', WENT_BACK)])).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-3',
    })
  })

  test('at the only gateway that was looked at is its own: nobody else was there to compare it with', () => {
    expect(findingOf([showed('data-plane-2', WENT_BACK)])?.culprit).toBe('data-plane-2')
  })
})

test('an acknowledged write that no gateway ever showed, though all showed later ones, is what they were given', () => {
  // Acknowledged, and written to no more: what came later has another key.
  const late = wrote('c', 27_000).map((event) => ({ ...event, key: 'stream-4' }) as Event)
  const views = ['data-plane-2', 'data-plane-3'].map((node): Event => {
    const values = { 'stream-1': 'a', 'stream-4': 'c' }
    return { kind: 'view', at: 28_000, node, lastLookAt: 27_900, values }
  })
  const events = [...wrote('a', 5000), ...wrote('b', 20_000), ...late, ...views]
  const finding = (demand: object) => {
    const history = historyOf({ events, demand: { lostChanges: 0, convergence: '10s', ...demand } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  }
  expect(finding({})).toMatchObject({ outcome: 'fail', measured: 1, culprit: 'control-plane-1, control-plane-2' })
  // Where the control plane has it, they were given it or should have asked.
  const kept = { kind: 'kept', at: 28_500, values: { 'stream-1': 'b', 'stream-4': 'c' } } as const
  const history = historyOf({ events: [...events, kept], demand: { lostChanges: 0, convergence: '10s' } })
  const lost = judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  expect(lost).toMatchObject({ outcome: 'fail', culprit: 'data-plane-2, data-plane-3' })
})

test('a write that the store has lost is lost though every gateway shows it still, and the control plane’s', () => {
  const views = ['data-plane-1', 'data-plane-2', 'data-plane-3'].flatMap((node) => showed(node, FOLLOWED))
  const kept = { kind: 'kept', at: 28_500, values: { 'stream-1': 'a' } } as const
  const finding = (last: Event, shown: readonly Event[] = views) => {
    const events = [...wrote('a', 5000), ...wrote('b', 9000), ...shown, last]
    const history = historyOf({ events, demand: { lostChanges: 0, convergence: '10s' } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  }
  expect(finding(kept)).toMatchObject({
    outcome: 'fail',
    culprit: 'control-plane-1, control-plane-2',
    because: expect.stringMatching(/b of stream-1 \(lost\) in the control plane’s own store/),
  })
  // A gateway that shows just what the store has is not the one to blame.
  const behind = [
    ...showed('data-plane-1', [[5050, 'a']]),
    ...views.filter((view) => 'node' in view && view.node !== 'data-plane-1'),
  ]
  expect(finding(kept, behind)).toMatchObject({
    outcome: 'fail',
    measured: 1,
    culprit: 'control-plane-1, control-plane-2',
  })
  expect(finding({ ...kept, values: { 'stream-1': 'b' } }, behind)).toMatchObject({ culprit: 'data-plane-1' })
  expect(finding({ ...kept, values: { 'stream-1': 'b' } })).toMatchObject({ outcome: 'pass' })
  expect(finding({ ...kept, values: null })).toMatchObject({
    outcome: 'inconclusive',
    because: expect.stringMatching(/the control plane did not say/),
  })
})

test('a write that was acknowledged just before the end, and is not shown, lets nothing pass', () => {
  const view = {
    kind: 'view',
    at: 28_000,
    node: 'data-plane-2',
    lastLookAt: 27_900,
    values: { 'stream-1': 'a' },
  } as const
  const history = historyOf({
    events: [...wrote('a', 5000), ...wrote('b', 27_000), view],
    demand: { lostChanges: 0, convergence: '10s' },
  })
  const found = judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  expect(found).toMatchObject({ outcome: 'inconclusive', because: expect.stringMatching(/did not show b of stream-1/) })
})

test('gateways that differ in the end about a write that nobody answered let nothing pass', () => {
  const [asked] = wrote('u', 12_000)
  const took = ['data-plane-1', 'data-plane-2'].map((node) => showed(node, [...FOLLOWED, [12_050, 'u']]))
  const views = [...took, showed('data-plane-3', FOLLOWED)]
  const events = [...wrote('a', 5000), ...wrote('b', 9000), ...(asked ? [asked] : []), ...views.flat()]
  const kept = { kind: 'kept', at: 28_500, values: { 'stream-1': 'u' } } as const
  const demand = { lostChanges: 0, convergence: '60s' }
  const history = historyOf({ events: [...events, kept], demand })
  const found = judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  expect(found).toMatchObject({
    outcome: 'inconclusive',
    because: expect.stringMatching(/In the end data-plane-3 did not show u of stream-1/),
  })
})

test('a change that a gateway shows by turns is lost there, and it is said that not all of it serves the same', () => {
  const told = { kind: 'change', id: 'change-1', by: 'operator', what: 'change route orders' } as const
  const events: readonly Event[] = [
    { ...told, at: 9000, stage: 'sent' },
    { ...told, at: 9010, stage: 'accepted' },
    {
      kind: 'observation',
      at: 22_000,
      observed: 'reaches',
      change: 'change-1',
      nodes: ['data-plane-2'],
      outcome: 'ran-out',
      waitedMs: 12_900,
      byTurns: ['data-plane-2'],
    },
  ]
  const history = historyOf({ events, demand: { lostChanges: 0, convergence: '10s' } })
  const { findings } = judge(history, analyse(history))
  for (const objective of ['lostChanges', 'convergence'])
    expect(findings.find((each) => each.objective === objective)).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-2',
      because: expect.stringMatching(
        /data-plane-2 showed it at one look and at another did not, as where one of several/,
      ),
    })
})

describe('what may be lost', () => {
  const told = { kind: 'change', id: 'change-1', by: 'operator', what: 'change route orders' } as const
  const changes: readonly Event[] = [
    { ...told, at: 9000, stage: 'sent' },
    { ...told, at: 9010, stage: 'accepted' },
    ...['data-plane-1', 'data-plane-2'].map(
      (node): Event => ({ ...told, at: 9100, stage: 'seen', node, lastLookAt: 9050 }),
    ),
    {
      kind: 'observation',
      at: 22_000,
      observed: 'reaches',
      change: 'change-1',
      nodes: ['data-plane-3'],
      outcome: 'ran-out',
      waitedMs: 12_900,
    },
  ]
  const stream = [
    ...wrote('a', 5000),
    ...wrote('b', 9000),
    ...['data-plane-1', 'data-plane-2'].flatMap((node) => showed(node, FOLLOWED)),
    ...showed('data-plane-3', [[5050, 'a']]),
    { kind: 'kept', at: 28_500, values: { 'stream-1': 'b' } } as const,
  ]
  const finding = (lostChanges: number, events: readonly Event[]) => {
    const history = historyOf({ events, demand: { lostChanges, convergence: '10s' } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')
  }

  test.each([
    ['a change', changes, /1 of 1 accepted changes never reached data-plane-3/],
    ['a write of a stream', stream, /Of a stream of 2 writes 1 is not as acknowledged/],
  ])('is told as lost all the same: %s', (_, events, because) => {
    expect(finding(1, events)).toMatchObject({
      outcome: 'pass',
      measured: 1,
      because: expect.stringMatching(because),
    })
  })

  test('is counted over changes and stream together', () => {
    expect(finding(1, [...changes, ...stream])).toMatchObject({ outcome: 'fail', measured: 2, culprit: 'data-plane-3' })
    expect(finding(2, [...changes, ...stream])).toMatchObject({ outcome: 'pass', measured: 2 })
  })
})

describe('a change that was made while a gateway could not hear of it', () => {
  const GATEWAYS = ['data-plane-1', 'data-plane-2', 'data-plane-3']
  const change = (id: string, at: number, seen: readonly string[]): readonly Event[] => {
    const told = { kind: 'change', id, by: 'operator', what: `change ${id}` } as const
    return [
      { ...told, at, stage: 'sent' },
      { ...told, at: at + 10, stage: 'accepted' },
      ...seen.map((node): Event => ({ ...told, at: at + 100, stage: 'seen', node, lastLookAt: at + 50 })),
    ]
  }
  const outcome = (kind: 'certificate' | 'kill' | 'pause', seenLater: readonly string[] = []) => {
    const events = [
      ...change('meanwhile', 9000, ['data-plane-2', 'data-plane-3', ...seenLater]),
      ...change('after', 15_000, GATEWAYS),
    ]
    const history = historyOf({ faults: [{ ...KILL, kind }], events, demand: { lostChanges: 0 } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostChanges')?.outcome
  }

  test.each(['certificate', 'pause'] as const)('is not known to be there by one that was made after its %s', (kind) => {
    expect(outcome(kind)).toBe('inconclusive')
    expect(outcome(kind, ['data-plane-1'])).toBe('pass')
  })

  test('is known to be there by a later one where it was started anew, and reads everything', () => {
    expect(outcome('kill')).toBe('pass')
  })
})
