import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import type { BrownOut } from './analysis.ts'
import { type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'

const brownOutsOf = (spec: HistorySpec): readonly BrownOut[] =>
  analyse(historyOf(spec)).lanes.find((each) => each.lane === 'kept-alive')?.brownOuts ?? []

const slow = (from: number, to: number, slowMs = 100): Trouble => ({ from, to, how: 'slow', slowMs })

describe('brown-outs', () => {
  test('answers that come 100 ms later for half a second are one', () => {
    const [found, ...more] = brownOutsOf({ trouble: [slow(9000, 9500)] })
    expect(more).toEqual([])
    expect(found).toMatchObject({ from: 9000, to: 9500 })
    expect(found?.worstP99).toBeGreaterThan(100)
    expect(found?.worstP99).toBeLessThan(103)
  })

  test('for 200 ms they are none', () => {
    expect(brownOutsOf({ trouble: [slow(9000, 9200)] })).toEqual([])
  })

  test('a healthy deployment has none', () => {
    expect(brownOutsOf({})).toEqual([])
  })

  test('what is slower than usual and within what was demanded is none', () => {
    const trouble = [slow(9000, 9500)]
    expect(brownOutsOf({ trouble, demand: { p99: '90ms' } })).toHaveLength(1)
    expect(brownOutsOf({ trouble, demand: { p99: '250ms' } })).toEqual([])
    expect(brownOutsOf({ trouble, demand: { p99: '2x' } })).toHaveLength(1)
  })

  test('a difference of 4 ms is none, though it is three times the usual p99', () => {
    expect(brownOutsOf({ trouble: [slow(9000, 9500, 4)] })).toEqual([])
  })

  test('an outage is none, and the slow time on either side of it is two', () => {
    // Slow answers still come until 9.6 s, and again from 10.1 s on.
    const trouble: readonly Trouble[] = [{ from: 9500, to: 10_000, how: 'refused' }, slow(9000, 10_500)]
    const found = brownOutsOf({ trouble })
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [9000, 9500],
      [10_200, 10_500],
    ])
  })

  test('calls that the machine held up make none', () => {
    const machine: Trouble = { from: 9000, to: 9500, how: 'slow', slowMs: 50, lanes: ['control'] }
    expect(brownOutsOf({ trouble: [slow(9000, 9500), machine] })).toEqual([])
  })
})
