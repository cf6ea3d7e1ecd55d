import { describe, expect, test } from 'vitest'
import { type Benched, missedBy, quantile } from './fault-bench.ts'

const benched = (inEffect: readonly number[], doubts: readonly string[] = []): Benched => ({
  of: {
    name: 'a',
    kind: 'kill',
    make: () => {
      throw new Error('Nothing is injected here.')
    },
    targetMs: { inEffect: 100 },
  },
  all: inEffect.map((each) => ({ inEffect: each, clear: 900, established: null })),
  doubts,
})

test('a quantile is the smallest value that so many do not exceed', () => {
  const values = Array.from({ length: 20 }, (_, i) => 20 - i)
  expect([quantile(values, 0.5), quantile(values, 0.95), quantile([3], 0.95), quantile([], 0.5)]).toEqual([
    10,
    19,
    3,
    Number.NaN,
  ])
})

describe('a target', () => {
  test('is met at the 95th percentile, whatever the slowest was', () => {
    expect(missedBy(benched([...Array.from({ length: 19 }, () => 100), 4000]))).toEqual([])
  })

  test('is missed where one in ten is slower', () => {
    expect(missedBy(benched([...Array.from({ length: 18 }, () => 100), 101, 101]))).toEqual(['in effect'])
  })

  test('is missed where an injection was called out, or none was measured', () => {
    expect([missedBy(benched([50], ['odd'])), missedBy(benched([]))]).toEqual([['1 called out'], ['in effect']])
  })
})
