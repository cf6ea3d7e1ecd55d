// What a sample says of all: by brute force, and by how often it would be wrong.
import { expect, test } from 'vitest'
import { leastOfAll } from './sample.ts'

/** A sample of n different lengths, 1 to n ms. */
const upTo = (n: number) => ({
  us: Array.from({ length: n }, (_, i) => (i + 1) * 1000),
  counts: Array.from({ length: n }, () => 1),
})

/** P(k or more of n), summed term by term. */
const chanceOf = (n: number, k: number, p: number): number => {
  let sum = 0
  for (let j = k; j <= n; j += 1) {
    let term = 1
    for (let i = 0; i < j; i += 1) term *= ((n - i) / (j - i)) * p
    sum += term * (1 - p) ** (n - j)
  }
  return sum
}

test.each([
  [100, 0.99],
  [135, 0.99],
  [800, 0.99],
  [40, 0.5],
  [1000, 0.999],
])('of %i lengths the percentile %d of all is no less than the one that chance would rarely pass', (n, share) => {
  const k = n + 1 - leastOfAll(upTo(n), share)
  expect(chanceOf(n, k, 1 - share)).toBeLessThanOrEqual(0.01)
  expect(chanceOf(n, k - 1, 1 - share)).toBeGreaterThan(0.01)
})

test('of very many it is close to the percentile itself', () => {
  const least = leastOfAll(upTo(200_000), 0.99)
  expect(least).toBeGreaterThan(197_800)
  expect(least).toBeLessThan(198_000)
})

test('of too few nothing is said', () => {
  expect([leastOfAll(upTo(1), 0.5), leastOfAll({ us: [], counts: [] }, 0.99)]).toEqual([0, 0])
})

test('equal lengths count as often as they are', () => {
  expect(leastOfAll({ us: [1000, 50_000], counts: [95, 5] }, 0.99)).toBe(50)
  expect(leastOfAll({ us: [1000, 50_000], counts: [96, 4] }, 0.99)).toBe(1)
})
