import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { ALL_LANES, type Broken, historyOf, KILL, type Trouble } from '../analysis/history.fixture.ts'
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
    expect(finding?.because).toMatch(/to give a call to the replacement of data-plane-1 once that ran under its name/)
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
