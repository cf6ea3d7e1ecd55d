import { expect, test } from 'vitest'
import type { LaneAnalysis } from '../analysis/analysis.ts'
import type { Event, Settings } from '../history/event.ts'
import type { Case } from './case.ts'
import { headroom } from './headroom.ts'

const capacity = (...callsPerSecond: readonly number[]): Event => ({
  kind: 'capacity',
  at: 1000,
  nodes: callsPerSecond.map((each, i) => ({ node: `data-plane-${i + 1}`, callsPerSecond: each, failed: 0 })),
})

const lane = (purpose: LaneAnalysis['purpose'], rate: number) => ({ purpose, rate }) as LaneAnalysis

/** 200 calls a second of callers; the control lane is none of theirs. */
const measured = (...events: readonly Event[]): Case =>
  ({
    history: { events },
    analysis: { lanes: [lane('callers', 100), lane('callers', 100), lane('control', 100)] },
  }) as unknown as Case

test('the fewest gateways that were measured have to carry the demanded multiple of what callers ask for', () => {
  const of = measured(capacity(400, 400, 400), capacity(410), capacity(400, 400))
  expect(headroom(of, 2)).toMatchObject({ measured: 2.05, unit: 'ratio', outcome: 'pass' })
  expect(headroom(of, 2.1)).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  expect(headroom(of, 2).because).toBe(
    '1 gateway carried 410 calls/s, 2 gateways carried 800 calls/s and 3 gateways carried 1200 calls/s; callers ask for 200.',
  )
})

test('where a gateway more adds less than 15 % the host is the limit, and nothing is known', () => {
  expect(headroom(measured(capacity(231, 231), capacity(400)), 1)).toMatchObject({ outcome: 'pass' })
  expect(headroom(measured(capacity(229, 229), capacity(400)), 1)).toMatchObject({ outcome: 'inconclusive' })
  // One that is too slow even so might be faster elsewhere.
  expect(headroom(measured(capacity(229, 229), capacity(400)), 9)).toMatchObject({ outcome: 'inconclusive' })
})

test('each gateway more has to add its share, where the group grows by several', () => {
  expect(headroom(measured(capacity(100, 100, 100), capacity(200)), 1)).toMatchObject({ outcome: 'pass' })
  expect(headroom(measured(capacity(86, 86, 86), capacity(200)), 1)).toMatchObject({ outcome: 'inconclusive' })
})

test('of groups that are equally large the one that carried least is judged, and they are not held against each other', () => {
  const of = measured(capacity(400, 400, 400), capacity(400, 400), capacity(390, 400))
  expect(headroom(of, 3.9)).toMatchObject({ measured: 3.95, outcome: 'pass' })
  expect(headroom(of, 4)).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1, data-plane-2' })
})

test('without a measurement nothing is known', () => {
  expect(headroom(measured(), 1)).toMatchObject({ measured: null, outcome: 'inconclusive' })
})

test('where callers draw from a mix nothing is known: what was measured is another request than theirs', () => {
  const mixed = (settings: Partial<Settings>): Case => ({
    ...measured(capacity(400, 400, 400), capacity(400, 400)),
    settings: settings as Settings,
  })
  expect(headroom(mixed({}), 2)).toMatchObject({ outcome: 'pass' })
  for (const least of [2, 9])
    expect(headroom(mixed({ calls: 'the profile heavy.calls.json, 2 requests' }), least)).toEqual({
      measured: null,
      unit: 'ratio',
      outcome: 'inconclusive',
      because:
        'What gateways carry was measured by GET /orders/42 alone, and callers drew from the profile heavy.calls.json, 2 requests: how many of those they carry is unknown. Play it without --calls.',
    })
})
