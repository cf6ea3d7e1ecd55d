// The balancer's lines are on its engine's clock, which need not be the callers'.
import { expect, test } from 'vitest'
import type { BalancerCall } from '../history/history.ts'
import { attribute } from './attribution.ts'
import { type Calls, callsOf, endedAt, scheduled } from './calls.ts'
import { historyOf } from './history.fixture.ts'

const lanes = historyOf({ seconds: 5 }).lanes.map((lane) => callsOf(lane))
const [kept] = lanes as [Calls]

/** How far the line of call 100 is from that call's end, where the first `count` lines are `aheadMs` ahead. */
const apart = (aheadMs: number, count = 400): number => {
  const log = Array.from({ length: count }, (_, k): BalancerCall => {
    const i = 100 + k
    const [from, to] = [scheduled(kept, i) + aheadMs, endedAt(kept, i) + aheadMs]
    const requestId = `${kept.lane.header.requestIdPrefix}${i}`
    return { requestId, node: 'data-plane-1', termination: '--', retries: 0, status: 200, from, to }
  })
  const line = attribute(lanes, log).lineOf(kept, 100)
  return Math.round((line?.to ?? Number.NaN) - endedAt(kept, 100))
}

test('lines of a clock that is ahead, or behind, are put on the callers’ by the calls that were answered', () => {
  expect([apart(60), apart(-3000)]).toEqual([0, 0])
})

test('a few ms are the way back, and of a few lines nobody can tell: they stay as they are', () => {
  expect([apart(-6), apart(60, 10)]).toEqual([-6, 60])
})
