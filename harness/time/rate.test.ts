import { expect, test } from 'vitest'
import { toRate } from './rate.ts'

test.each([
  ['400/s', 400],
  ['0.5/s', 0.5],
])('%s is %d a second', (text, rate) => {
  expect(toRate(text)).toBe(rate)
})

test.each(['0/s', '400', '-1/s', '400/m', '4e2/s', ''])('%j is no rate', (text) => {
  expect(() => toRate(text)).toThrow(/is not a rate: expected a number above 0 and \/s/)
})
