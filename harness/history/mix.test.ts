import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callMix } from './mix.ts'

const weights = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 })
const seed = fc.integer({ min: 0, max: 0xffff_ffff })

const countsOf = (mix: (i: number) => number, from: number, to: number, routes: number): readonly number[] => {
  const counts = new Array<number>(routes).fill(0)
  for (let i = from; i < to; i += 1) counts[mix(i)] = (counts[mix(i)] ?? 0) + 1
  return counts
}

test('in every sixteens of calls each route has its share, give or take fewer than two calls', () => {
  fc.assert(
    fc.property(weights, seed, fc.nat(200), fc.integer({ min: 1, max: 60 }), (asked, of, first, many) => {
      const total = asked.reduce((sum, weight) => sum + weight, 0)
      const counts = countsOf(callMix(asked, of), first * 16, (first + many) * 16, asked.length)
      const off = counts.map((count, k) => Math.abs(count - (many * 16 * (asked[k] ?? 0)) / total))
      expect(Math.max(...off)).toBeLessThan(2)
    }),
    { numRuns: 500 },
  )
})

test('wherever a window begins and ends, no route is more than ten calls off its share', () => {
  fc.assert(
    fc.property(weights, seed, fc.nat(5000), fc.integer({ min: 1, max: 2000 }), (asked, of, from, many) => {
      const total = asked.reduce((sum, weight) => sum + weight, 0)
      const counts = countsOf(callMix(asked, of), from, from + many, asked.length)
      const off = counts.map((count, k) => Math.abs(count - (many * (asked[k] ?? 0)) / total))
      expect(Math.max(...off)).toBeLessThanOrEqual(10)
    }),
    { numRuns: 500 },
  )
})

test('over sixteen turns through the weights every share is exact', () => {
  fc.assert(
    fc.property(weights, seed, (asked, of) => {
      const total = asked.reduce((sum, weight) => sum + weight, 0)
      expect(countsOf(callMix(asked, of), 0, total * 16, asked.length)).toEqual(asked.map((weight) => weight * 16))
    }),
  )
})

test('which route a call is depends on the seed and the call alone', () => {
  const [one, again, other] = [callMix([1, 1], 7), callMix([1, 1], 7), callMix([1, 1], 8)]
  const calls = Array.from({ length: 200 }, (_, i) => i)
  // Asked for in another order, since a record is judged in any.
  expect(calls.toReversed().map(again).toReversed()).toEqual(calls.map(one))
  expect(calls.map(other)).not.toEqual(calls.map(one))
})

test('routes of one weight do not march in step with a round robin over two or three nodes', () => {
  const mix = callMix([1, 1, 1, 1, 1, 1], 3)
  for (const nodes of [2, 3]) {
    for (let node = 0; node < nodes; node += 1) {
      const counts = new Array<number>(6).fill(0)
      for (let i = node; i < 9600; i += nodes) counts[mix(i)] = (counts[mix(i)] ?? 0) + 1
      expect(counts.filter((count) => Math.abs(count - 1600 / nodes) > 160 / nodes)).toEqual([])
    }
  }
})
