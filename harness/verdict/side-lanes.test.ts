import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { ALL_LANES, type Broken, type HistorySpec, historyOf, KILL, type Trouble } from '../analysis/history.fixture.ts'
import { judge } from './judge.ts'
import { upstreamRecord } from './upstream-record.fixture.ts'
import type { Finding, Verdict } from './verdict.ts'

const UPSTREAM = upstreamRecord()

const verdictOf = (spec: HistorySpec): Verdict => {
  const history = historyOf({ lanes: ALL_LANES, events: [UPSTREAM], ...spec })
  return judge(history, analyse(history))
}

const findingOf = (verdict: Verdict, objective: string): Finding | undefined =>
  verdict.findings.find((each) => each.objective === objective)

const onPost = (more: Partial<Trouble> = {}): Trouble => ({
  from: 9000,
  to: 9500,
  how: 'refused',
  lanes: ['post'],
  ...more,
})

describe('a lane too slow to see an outage of 50 ms', () => {
  test('does not spoil a pass: the fast ones beside it vouch that there was none', () => {
    const verdict = verdictOf({})
    expect(verdict.outcome).toBe('pass')
    expect(findingOf(verdict, 'fullOutage')?.because).toMatch(
      /No full outage above the floor of 15 ms on lanes kept-alive and new-connections, nor above 150 ms on lane post\./,
    )
  })

  test('alone vouches for nothing', () => {
    const alone = ALL_LANES.filter(({ lane }) => ['post', 'control'].includes(lane))
    const verdict = verdictOf({ lanes: alone })
    expect(verdict.outcome).toBe('inconclusive')
    expect(findingOf(verdict, 'fullOutage')).toMatchObject({ outcome: 'inconclusive' })
  })

  test('fails by an outage that it sees all the same, and by each call that it lost', () => {
    const verdict = verdictOf({ demand: { lostCalls: 0 }, trouble: [onPost()] })
    expect(findingOf(verdict, 'fullOutage')).toMatchObject({ outcome: 'fail' })
    expect(findingOf(verdict, 'lostCalls')).toMatchObject({ outcome: 'fail', measured: 10 })
  })

  test('one lost call is no outage, and a lost call', () => {
    const verdict = verdictOf({ demand: { lostCalls: 0 }, trouble: [onPost({ to: 9050 })] })
    expect(findingOf(verdict, 'fullOutage')).toMatchObject({ outcome: 'pass' })
    expect(findingOf(verdict, 'lostCalls')).toMatchObject({ outcome: 'fail', measured: 1 })
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a third of its calls unanswered by a frozen node for 3 s is no full outage (seed %i)',
    (seed) => {
      const frozen = { from: 8020, to: 11_020, how: 'unanswered', share: 1 / 3 } as const
      const verdict = verdictOf({
        seed,
        faults: [{ ...KILL, kind: 'pause' }],
        trouble: [{ ...frozen, lanes: ['kept-alive', 'new-connections', 'post'] }],
      })
      expect(findingOf(verdict, 'fullOutage')).toMatchObject({ outcome: 'pass' })
    },
  )

  test('has no say in percentiles, of which it has too few calls', () => {
    const demand = { p99: '100ms', recoveredP99VsSteady: '5x', recovery: '1s' }
    const verdict = verdictOf({ demand, trouble: [onPost({ from: 15_000, to: 15_200, how: 'slow', slowMs: 120 })] })
    expect(verdict.outcome).toBe('pass')
  })
})

describe('a gateway called past its balancer', () => {
  const dead: Trouble = { from: 8010, to: 14_000, how: 'refused', lanes: ['direct-data-plane-1'] }

  test('that is dead is no outage of the deployment, and no lost call of its callers', () => {
    const verdict = verdictOf({ trouble: [dead] })
    expect(verdict).toMatchObject({ outcome: 'pass', outages: [] })
    expect(findingOf(verdict, 'lostCalls')).toMatchObject({ measured: 0 })
  })

  const refusedAt = (node: string, more: Partial<Trouble> = {}): Trouble => ({
    from: 9000,
    to: 9400,
    how: 'refused',
    node,
    lanes: ['kept-alive'],
    ...more,
  })

  test('says beside the lost calls whether it was there', () => {
    const because = (trouble: readonly Trouble[]): string | undefined =>
      findingOf(verdictOf({ trouble, balancerCalls: [] }), 'lostCalls')?.because
    const wrong = refusedAt('data-plane-1', { how: 'wrong' })
    expect(because([wrong])).toMatch(/Called directly meanwhile, data-plane-1 answered (\d+) of \1 calls\./)
    expect(because([wrong, dead])).toMatch(/Called directly meanwhile, data-plane-1 answered 0 of \d calls\./)
  })

  const awaited = (...trouble: readonly Trouble[]): Finding | undefined => {
    const notCalled: Broken = { ...KILL, kind: 'stop' }
    const away: Trouble = { ...refusedAt('data-plane-1'), from: 8010, to: 30_000, how: 'lost-row' }
    const verdict = verdictOf({
      faults: [notCalled],
      demand: { readmission: '2s' },
      trouble: [{ ...away, lanes: ['kept-alive', 'new-connections', 'post'] }, ...trouble],
    })
    return findingOf(verdict, 'readmission')
  }

  test('that is back and not given a call has its balancer blamed', () => {
    expect(awaited(dead)).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
    expect(awaited(dead)?.because).toMatch(/Called directly meanwhile, data-plane-1 answered \d+ of \d+ calls\./)
  })

  test('that is not back is to blame itself', () => {
    expect(awaited({ ...dead, to: 30_000 })).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })
})

describe('a full outage of callers that joins to nobody', () => {
  /** Calls that their balancer never took: it has no line of them, and nobody answered. */
  const untaken = (more: readonly Trouble[] = []): Finding | undefined => {
    const lanes = ['kept-alive', 'new-connections', 'post']
    const trouble: readonly Trouble[] = [{ from: 10_000, to: 12_000, how: 'refused', lanes }, ...more]
    const history = historyOf({ lanes: ALL_LANES, events: [UPSTREAM], trouble })
    const unnamed = {
      ...history,
      balancerCalls: [],
      lanes: history.lanes.map((lane) =>
        lane.header.purpose === 'callers'
          ? { ...lane, node: lane.node.map((node, i) => (lane.errorClass[i] === 0 ? node : 255)) }
          : lane,
      ),
    }
    return judge(unnamed, analyse(unnamed)).findings.find(({ objective }) => objective === 'fullOutage')
  }

  test('is the balancer’s where gateways answer whoever calls them past it', () => {
    expect(untaken()).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
  })

  test('is nobody’s by name where they do not', () => {
    const dead: Trouble = {
      from: 9000,
      to: 13_000,
      how: 'refused',
      lanes: ['direct-data-plane-1', 'direct-data-plane-2', 'direct-data-plane-3'],
    }
    const finding = untaken([dead])
    expect(finding?.outcome).toBe('fail')
    expect(finding?.culprit).toBeUndefined()
  })
})
