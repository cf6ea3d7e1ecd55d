import { expect, test } from 'vitest'
import { expectedLimit, isLooser } from './limits.ts'

test.each([
  ['p99', '60s', '250ms'],
  ['p99', '5x', '2x'],
  ['fullOutage', '1ms', '0ms'],
  ['signOuts', 999, 0],
  ['availability', 0.99, 0.999],
  ['survivors', 0, 2],
  ['headroom', 1.4, 1.5],
  ['dashboards', 1, 2],
  ['imbalance', '1.5x', 1.2],
  // Of limits of two kinds nobody can say, and a mark too many misleads nobody.
  ['p99', '5x', '250ms'],
  ['p99', 'fast', '250ms'],
  ['lostCalls', 'any', 0],
] as const)('of %s, %s is looser than %s', (objective, demanded, byDefault) => {
  expect(isLooser(objective, demanded, byDefault)).toBe(true)
})

test.each([
  ['p99', '0.2s', '250ms'],
  ['p99', '1s', '1000ms'],
  ['lostCalls', 0, 3],
  ['availability', 0.9999, 0.999],
  ['survivors', 3, 2],
  ['imbalance', '1.2x', 1.2],
] as const)('of %s, %s is no looser than %s', (objective, demanded, byDefault) => {
  expect(isLooser(objective, demanded, byDefault)).toBe(false)
})

test.each([
  ['lostCalls', 'any', null],
  ['lostCalls', 'some', "a number from 0 on or 'any'"],
  ['lostOnReturn', 'any', 'a number from 0 on'],
] as const)('of %s, %s is written well, or told how it would be', (objective, demanded, expected) => {
  expect(expectedLimit(objective, demanded)).toBe(expected)
})

test('nothing is looser than no default', () => {
  expect(isLooser('p99', '60s', null)).toBe(false)
})
