import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { ALL_LANES, type HistorySpec, historyOf } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import type { BalancerCall } from '../history/history.ts'
import { callMix } from '../history/mix.ts'
import { judge } from './judge.ts'
import { upstreamRecord } from './upstream-record.fixture.ts'
import type { Finding } from './verdict.ts'

const findingOf = (spec: HistorySpec): Finding | undefined => {
  const history = historyOf({ lanes: ALL_LANES, ...spec })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'duplicates')
}

const sawTwice = (...duplicates: readonly string[]): Event =>
  upstreamRecord({ duplicates, duplicateCount: duplicates.length })

const line = (requestId: string, retries: number): BalancerCall => ({
  requestId,
  node: 'data-plane-2',
  termination: '--',
  retries,
  status: 200,
  from: 9000,
  to: 10_050,
})

describe('an upstream that keeps a record of what must not be made twice', () => {
  test('and saw every call once passes, though nobody asked', () => {
    expect(findingOf({ events: [upstreamRecord()] })).toMatchObject({ outcome: 'pass', default: 0, measured: 0 })
  })

  test('and saw one twice fails, by the balancer that sent it again', () => {
    const finding = findingOf({ events: [sawTwice('r-post-200')], balancerCalls: [line('r-post-200', 1)] })
    expect(finding).toMatchObject({ outcome: 'fail', measured: 1, culprit: 'load-balancer-callers', at: 9000 })
    expect(finding?.because).toMatch(
      /1 call more than once .* r-post-200: load-balancer-callers sent 1 of them again\./,
    )
  })

  test('and saw one twice that no balancer sent again fails by the gateway', () => {
    const finding = findingOf({ events: [sawTwice('r-post-200')], balancerCalls: [line('r-post-200', 0)] })
    expect(finding).toMatchObject({ outcome: 'fail', culprit: 'data-plane-2' })
  })

  test('as many as the author allows pass, and are told', () => {
    expect(findingOf({ events: [sawTwice('r-post-200')], demand: { duplicates: 1 } })).toMatchObject({
      outcome: 'pass',
      looser: true,
      because: expect.stringMatching(/saw 1 call more than once/),
    })
  })

  test('an id of another scenario is none of this one’s', () => {
    expect(findingOf({ events: [sawTwice('another-run.post.7')] })).toMatchObject({ outcome: 'pass' })
  })

  test('and has forgotten calls that were answered, or lists less than it saw, proves nothing', () => {
    expect(findingOf({ events: [upstreamRecord({ distinct: 300 })] })).toMatchObject({ outcome: 'inconclusive' })
    expect(findingOf({ events: [upstreamRecord({ duplicateCount: 3 })] })).toMatchObject({ outcome: 'inconclusive' })
  })
})

test('of a mix, only the calls that must not be made twice count', () => {
  const mix = [
    { route: 'GET /orders', weight: 1 },
    { route: 'POST /orders', weight: 1 },
  ]
  const routeOf = callMix([1, 1], 7)
  const [read, write] = [0, 1].map((route) => Array.from({ length: 64 }, (_, i) => i).find((i) => routeOf(i) === route))
  const found = (i: number | undefined) => {
    const plain = historyOf({
      lanes: ALL_LANES.filter(({ lane }) => lane !== 'post'),
      events: [sawTwice(`r-kept-alive-${i}`)],
    })
    const lanes = plain.lanes.map((lane) =>
      lane.header.lane === 'kept-alive' ? { ...lane, header: { ...lane.header, seed: 7, mix } } : lane,
    )
    const history = {
      ...plain,
      lanes,
      events: plain.events.map((each) => (each.kind === 'upstream-record' ? { ...each, distinct: 1e6 } : each)),
    }
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'duplicates')
  }
  expect(found(write)).toMatchObject({ outcome: 'fail', measured: 1 })
  expect(found(read)).toMatchObject({
    outcome: 'pass',
    measured: 0,
    because: expect.stringMatching(/answered POST calls once/),
  })
})

test('without the upstream’s record nobody knows, and without such a call nobody asks', () => {
  expect(findingOf({})).toMatchObject({ outcome: 'inconclusive' })
  const lanes = ALL_LANES.filter(({ lane }) => lane !== 'post')
  expect(findingOf({ lanes })).toBeUndefined()
  expect(findingOf({ lanes, demand: { duplicates: 0 } })).toMatchObject({ outcome: 'inconclusive' })
})
