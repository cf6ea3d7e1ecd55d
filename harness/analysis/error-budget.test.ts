import { describe, expect, test } from 'vitest'
import { errorBudgets } from './error-budget.ts'

describe('an error budget', () => {
  test('of 99.9 % over 30 days is 2,592 s, of which a second without answers takes 0.0386 %', () => {
    const [nines] = errorBudgets([{ phase: 'disturbed', lost: 200, lostMs: 1000, of: 400 }])
    expect(nines?.promised).toBe(0.999)
    expect(nines?.badMs).toBe(1000)
    expect(nines?.used).toBeCloseTo(0.000386, 6)
  })

  test('of 99.99 % is a tenth of that', () => {
    const [, four] = errorBudgets([{ phase: 'disturbed', lost: 200, lostMs: 1000, of: 400 }])
    expect(four?.promised).toBe(0.9999)
    expect(four?.used).toBeCloseTo(0.00386, 5)
  })

  test('burns 1,000 times too fast where nobody is answered, and as fast as allowed where one in a thousand is lost', () => {
    const [nines] = errorBudgets([
      { phase: 'steady', lost: 1, lostMs: 5, of: 1000 },
      { phase: 'disturbed', lost: 50, lostMs: 250, of: 50 },
    ])
    expect(nines?.burnRate.steady).toBeCloseTo(1, 9)
    expect(nines?.burnRate.disturbed).toBeCloseTo(1000, 6)
    expect(nines?.burnRate.recovered).toBeNull()
  })

  test('of a phase without calls has no burn rate', () => {
    expect(errorBudgets([{ phase: 'steady', lost: 0, lostMs: 0, of: 0 }])[0]?.burnRate.steady).toBeNull()
  })
})
