import { expect, test } from 'vitest'
import { isLooser } from './limits.ts'

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

test('nothing is looser than no default', () => {
  expect(isLooser('p99', '60s', null)).toBe(false)
})
