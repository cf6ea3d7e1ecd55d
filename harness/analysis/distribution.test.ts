import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../topology/group.ts'
import { distributionOf } from './distribution.ts'

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('a distribution', () => {
  // The textbook's: of 20 lengths the median lies between the 6th and the 15th with 95.9 %.
  test('bounds the median of 20 by the 6th and the 15th', () => {
    expect(distributionOf(upTo(20)).p50).toEqual({ value: 10, low: 6, high: 15 })
  })

  test('does not bound a 95th percentile from above with fewer than 72 lengths', () => {
    expect(distributionOf(upTo(71)).p95.high).toBeNull()
    expect(distributionOf(upTo(72)).p95.high).toBe(72)
  })

  test('bounds nothing by one length', () => {
    expect(distributionOf([7]).p50).toEqual({ value: 7, low: null, high: null })
  })

  test('a censored length is the longest', () => {
    expect(distributionOf([5, Infinity, 3]).max).toBe(Infinity)
  })

  test('of nothing is refused', () => {
    expect(() => distributionOf([])).toThrow(RangeError)
  })

  test('does not depend on the order, and keeps low <= value <= high', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (lengths) => {
          const given = distributionOf(lengths)
          expect(distributionOf(lengths.toReversed())).toEqual(given)
          for (const { value, low, high } of [given.p50, given.p95]) {
            expect(low ?? -Infinity).toBeLessThanOrEqual(value)
            expect(high ?? Infinity).toBeGreaterThanOrEqual(value)
          }
        },
      ),
    )
  })

  test('holds the true median of 2,000 samples of 30 at least 95 times in 100', () => {
    const random = seeded(1)
    let held = 0
    for (let i = 0; i < 2000; i += 1) {
      const { low, high } = distributionOf(Array.from({ length: 30 }, random)).p50
      if ((low ?? 0) <= 0.5 && 0.5 <= (high ?? 1)) held += 1
    }
    expect(held / 2000).toBeGreaterThanOrEqual(0.945)
  })
})
