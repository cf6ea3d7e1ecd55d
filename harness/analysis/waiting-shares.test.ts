import { expect, test } from 'vitest'
import type { Event, Waited } from '../history/event.ts'
import { analyse } from './analyse.ts'
import { historyOf } from './history.fixture.ts'

const look = (since: number, at: number, waited?: Waited): Event => ({
  kind: 'processors-short',
  since,
  at,
  share: 1,
  ...(waited && { waited }),
})

const sharesIn = (...events: readonly Event[]) => analyse(historyOf({ events })).waiting

test('who waited is told by phase, most of all first, and whose calls that concerns', () => {
  // Steady is 8 s long, disturbed 6 s, recovered the rest of 30 s.
  const shares = sharesIn(
    look(2000, 4000, { 'data-plane-1': [2000, 2000], harness: [500, 2000] }),
    look(8000, 9500, { harness: [4000, 8000], 'control-plane-1': [1500, 8000] }),
  )
  const none = { steady: 0, disturbed: 0, recovered: 0 }
  const [quarter, eighth] = [0.25, 0.0625].map((share) => expect.closeTo(share, 2))
  expect(shares).toEqual([
    { of: 'calls to gateways', kind: 'calls', shares: { ...none, steady: quarter } },
    { of: 'those that data-plane-1 answered', kind: 'calls', shares: { ...none, steady: quarter } },
    { of: 'those that data-plane-2 answered', kind: 'calls', shares: none },
    { of: 'those that data-plane-3 answered', kind: 'calls', shares: none },
    { of: 'calls to the Dashboard', kind: 'calls', shares: { ...none, disturbed: quarter } },
    { of: 'the page', kind: 'calls', shares: { ...none, disturbed: quarter } },
    { of: 'anybody', kind: 'calls', shares: { ...none, steady: quarter, disturbed: quarter } },
    { of: 'data-plane-1', kind: 'name', shares: { ...none, steady: quarter } },
    // Several threads of one may wait at once: no longer than the look is long.
    { of: 'control-plane-1', kind: 'name', shares: { ...none, disturbed: quarter } },
    { of: 'harness', kind: 'name', shares: { ...none, steady: eighth, disturbed: quarter } },
  ])
})

test('of a record that names nobody it may have been anybody', () => {
  expect(sharesIn(look(2000, 4000))).toEqual([
    { of: 'anybody', kind: 'calls', shares: { steady: expect.closeTo(0.25, 2), disturbed: 0, recovered: 0 } },
  ])
})

test('is empty where nobody waited', () => {
  expect(sharesIn()).toEqual([])
})
