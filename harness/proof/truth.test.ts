import { expect, test } from 'vitest'
import { errorOf, lengthBounds, lengthOf, type Truth } from './truth.ts'

const truth: Truth = { kind: 'stall', askedMs: 100, from: [10, 12], to: [110, 111] }

test('a length is known between the two readings at either end', () => {
  expect(lengthOf(truth)).toBe(99.5)
  expect(lengthBounds(truth)).toEqual([98, 101])
})

test('what the truth itself leaves open is no error', () => {
  expect([97, 98, 100, 101, 103].map((ms) => errorOf(ms, truth))).toEqual([-1, 0, 0, 0, 2])
})
