import { expect, test } from 'vitest'
import { sayInstant, sayRound } from './axes.js'

test.each([
  [0.01, '0.01 ms'],
  [0.1, '0.1 ms'],
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1000, '1 s'],
  [10_000, '10 s'],
  [1_000_000, '16 min 40 s'],
])('a decade of %d ms is %s on the axis', (ms, said) => {
  expect(sayRound(ms)).toBe(said)
})

test('an instant has the decimals that it needs', () => {
  expect([0, 2500, 60_000, 10].map(sayInstant)).toEqual(['0 s', '2.5 s', '60 s', '0.01 s'])
})
