import { expect, test } from 'vitest'
import { toRate } from './rate.ts'

test.each([
  ['400/s', 400],
  ['0.5/s', 0.5],
  ['3x', 600],
  ['0.5x', 100],
])('%s is %d a second where 200 are usual', (text, rate) => {
  expect(toRate(text, 200)).toBe(rate)
})

test.each(['0/s', '0x', '400', '-1/s', '-2x', '400/m', '4e2/s', ''])('%j is no rate', (text) => {
  expect(() => toRate(text, 200)).toThrow(/is not a rate: expected a number above 0 and \/s or x/)
})
