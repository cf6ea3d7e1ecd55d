import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf, KILL, type Trouble } from '../analysis/history.fixture.ts'
import { judge } from './judge.ts'
import type { Finding } from './verdict.ts'

const findingOf = (...trouble: readonly Trouble[]): Finding | undefined => {
  const history = historyOf({ trouble, demand: { lostOnReturn: 0 } })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostOnReturn')
}

const wrong = (from: number, to: number): Trouble => ({ from, to, how: 'wrong', node: 'data-plane-1' })

describe('what a return costs', () => {
  test('is nothing where calls were lost by the loss alone, however many', () => {
    expect(findingOf(wrong(8010, 9000))).toMatchObject({ outcome: 'pass', measured: 0 })
  })

  test('are the calls that were lost from the heal on, and the node is named that they join to', () => {
    const finding = findingOf(wrong(8010, 9000), wrong(KILL.healAt + 1000, KILL.healAt + 1200))
    expect(finding).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
    expect(finding?.because).toMatch(/^2\d calls were lost from the heal on, the first kept-alive #\d+ at 15\.\d\d s /)
  })

  test('is not in doubt by a stall of our own of 4 ms: who was answered with an error was answered', () => {
    const at = { from: KILL.healAt + 1010, to: KILL.healAt + 1090 }
    const stalled: Trouble = { from: at.from + 30, to: at.from + 34, how: 'own-stall' }
    expect(findingOf(wrong(at.from, at.to), stalled)).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })

  test('counts from the very beginning of the heal', () => {
    const faults = [{ ...KILL, healAt: 14_030 }]
    const history = historyOf({ faults, trouble: [wrong(14_035, 14_090)], demand: { lostOnReturn: 0 } })
    expect(judge(history, analyse(history)).findings).toContainEqual(
      expect.objectContaining({ objective: 'lostOnReturn', outcome: 'fail' }),
    )
  })

  test('is in doubt where the machine itself was disturbed by then', () => {
    const at = { from: KILL.healAt + 1000, to: KILL.healAt + 1300 }
    const stalled: Trouble = { ...at, how: 'stall', lanes: ['control'] }
    expect(findingOf(wrong(at.from, at.to), stalled)).toMatchObject({ outcome: 'inconclusive' })
  })

  test('is not known where nothing was healed', () => {
    const history = historyOf({ faults: [], demand: { lostOnReturn: 0 } })
    expect(judge(history, analyse(history)).outcome).toBe('inconclusive')
  })
})
