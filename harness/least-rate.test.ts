import { expect, test } from 'vitest'
import { sees } from './analysis/sight.ts'
import { optionsFrom } from './options.ts'

test.each([
  ['119.9', '', 'expected 120 calls a second or more. 2 lanes share it, and a lane with fewer than 60 cannot see'],
  ['119', 'outside', 'expected 120 calls a second or more. 2 lanes share it, and'],
  [
    '200',
    'a b',
    "expected 360 calls a second or more. 6 lanes share it with callers in CALLER_ZONES 'a b' and outside",
  ],
  ['479', 'a,b, c outside', 'expected 480 calls a second or more. 8 lanes share it with callers in CALLER_ZONES'],
])(
  'a --rate of %s with callers in %j can see no 50 ms, and is refused with the one that is needed',
  (rate, zones, because) => {
    expect(() => optionsFrom({ FIREDRILL_RATE: rate, CALLER_ZONES: zones })).toThrow(
      expect.objectContaining({ name: 'ScenarioError', message: expect.stringContaining(because) }),
    )
  },
)

test.each([
  [120, 2, ''],
  [360, 6, 'a b'],
  [480, 8, 'a,b, c outside'],
])('a --rate of %d is taken where each of %d lanes sees 50 ms, with callers in %j', (rate, lanes, zones) => {
  expect(optionsFrom({ FIREDRILL_RATE: String(rate), CALLER_ZONES: zones })).toMatchObject({ rate })
  expect(sees({ rate: rate / lanes })).toBe(true)
  expect(sees({ rate: (rate - 1) / lanes })).toBe(false)
})

test('a rate that the drill chooses itself is never refused', () => {
  expect(optionsFrom({ CALLER_ZONES: 'a b c' }).rate).toBeUndefined()
})
