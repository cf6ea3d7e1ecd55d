import { expect, test } from 'vitest'
import { sees } from './analysis/sight.ts'
import { refuseBlindRate } from './least-rate.ts'
import { optionsFrom } from './options.ts'

test.each([
  [119.9, [], 'expected 120 calls a second or more. 2 lanes share it, and a lane with fewer than 60 cannot see'],
  [200, ['a', 'b'], 'expected 360 calls a second or more. 6 lanes share it with callers in a, b and outside, and a'],
  [479, ['a', 'b', 'c'], 'expected 480 calls a second or more. 8 lanes share it with callers in a, b, c and outside'],
])(
  'a --rate of %d with callers in %j can see no 50 ms, and is refused with the one that is needed',
  (rate, zones, because) => {
    expect(() => refuseBlindRate(rate, zones)).toThrow(
      expect.objectContaining({ name: 'ScenarioError', message: expect.stringContaining(because) }),
    )
  },
)

test.each([
  [120, 2, []],
  [360, 6, ['a', 'b']],
  [480, 8, ['a', 'b', 'c']],
])('a --rate of %d is taken where each of %d lanes sees 50 ms, with callers in %j', (rate, lanes, zones) => {
  refuseBlindRate(rate, zones)
  expect(sees({ rate: rate / lanes })).toBe(true)
  expect(sees({ rate: (rate - 1) / lanes })).toBe(false)
})

test('a rate that the drill chooses itself is never refused', () => {
  refuseBlindRate(optionsFrom({}).rate, ['a', 'b', 'c'])
})
