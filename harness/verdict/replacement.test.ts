import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { ALL_LANES, type Broken, held, historyOf, KILL, opinion, type Trouble } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const REPLACE: Broken = { ...KILL, kind: 'replace' }

const gone = (from: number, to: number): Trouble => ({ from, to, how: 'refused', node: 'data-plane-1' })

describe('a balancer', () => {
  const verdictOf = (...trouble: readonly Trouble[]) => {
    const history = historyOf({ faults: [REPLACE], trouble, demand: { readmission: '4s' } })
    return judge(history, analyse(history)).findings
  }

  test('that never gives the replacement a call is named for it', () => {
    const finding = verdictOf(gone(8010, 16_000)).find(({ objective }) => objective === 'readmission')
    expect(finding).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
    expect(finding?.because).toMatch(/to take in the replacement of data-plane-1 once that ran under its name/)
  })

  test('that gives it calls in time is not', () => {
    const finding = verdictOf(gone(8010, 10_000), gone(14_000, 16_000)).find(
      ({ objective }) => objective === 'readmission',
    )
    expect(finding).toMatchObject({ outcome: 'pass' })
  })

  test('may lose no call by it that it could have given to another, as with a graceful stop', () => {
    const lost = verdictOf({ ...gone(8010, 8200), lanes: ['kept-alive'] }).find(
      ({ objective }) => objective === 'lostCalls',
    )
    expect(lost).toMatchObject({ outcome: 'fail', default: 0 })
  })
})

describe('a gateway that is told to start otherwise', () => {
  const readmissionOf = (...opinions: readonly Event[]) => {
    const history = historyOf({
      faults: [{ ...KILL, kind: 'reconfigure' }],
      trouble: [gone(8010, 9600), gone(9800, 14_000)],
      events: opinions,
      demand: { readmission: '4s' },
    })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'readmission')
  }

  test('and leaves again after a few calls, is not back', () => {
    expect(
      readmissionOf(opinion(9600, 'data-plane-1', 'in', 'out'), opinion(9800, 'data-plane-1', 'out', 'in'))?.outcome,
    ).not.toBe('pass')
  })

  test('and answers until it goes back, is', () => {
    expect(readmissionOf(opinion(9600, 'data-plane-1', 'in', 'out'))).toMatchObject({ outcome: 'pass' })
  })
})

describe('a node that is upgraded', () => {
  const readmissionOf = (...lanes: readonly string[]) => {
    const upgrade: Broken = { ...KILL, kind: 'upgrade' }
    const away: Trouble = { ...gone(8010, 13_990), lanes: ['kept-alive', 'new-connections', ...lanes] }
    const history = historyOf({ lanes: ALL_LANES, faults: [upgrade], trouble: [away], demand: { readmission: '4s' } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'readmission')
  }

  test('and answers nobody, whoever calls it, is named itself', () => {
    expect(readmissionOf('post', 'direct-data-plane-1')).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })

  test('and answers past a balancer that gives it nothing has that one named', () => {
    expect(readmissionOf('post')).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
  })
})

describe('a control plane that is upgraded, drained meanwhile', () => {
  const readmissionOf = (...later: readonly Event[]) => {
    const upgrade: Broken = { kind: 'upgrade', targets: ['control-plane-1'], at: 9000, healAt: 14_000 }
    const history = historyOf({
      faults: [{ ...upgrade, kind: 'drain', at: 8000, healAt: 11_000 }, upgrade],
      events: [held(5, 'in'), held(8050, 'draining', 'in'), held(9200, 'out', 'draining'), ...later],
      demand: { readmission: '2s' },
    })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'readmission')
  }

  test('and that is trusted before it goes back is back in service', () => {
    const back = [held(11_500, 'in', 'out'), held(14_100, 'out', 'in'), held(15_500, 'in', 'out')]
    expect(readmissionOf(...back)).toMatchObject({ outcome: 'pass' })
  })

  test('and that nobody trusts until it goes back is named', () => {
    expect(readmissionOf(held(15_500, 'in', 'out'))).toMatchObject({ outcome: 'fail', culprit: 'control-plane-1' })
  })
})
