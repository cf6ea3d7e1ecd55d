import { expect, test } from 'vitest'
import { dropWaitMs, longestDownMs, longestUpMs } from './check.ts'

const check = { interMs: 1000, fastinterMs: 300, downinterMs: 500, fall: 2, rise: 2, timeoutMs: 1000 }

test('a node is marked down after an interval, as many failed checks as it takes, and the short intervals between them', () => {
  expect(longestDownMs(check)).toBe(1000 + 2 * 1000 + 300)
})

test('a node is marked up after its interval while down, and the short ones between good checks; without one of its own, after the usual', () => {
  const { downinterMs: _, ...usual } = check
  expect([longestUpMs(check), longestUpMs(usual)]).toEqual([800, 1300])
})

test('a drop is not waited for less than 10 s, also where nothing is predicted', () => {
  expect([dropWaitMs(check), dropWaitMs(undefined)]).toEqual([10_000, 10_000])
})

test('a drop is waited for three times as long as slow checks take', () => {
  expect(dropWaitMs({ ...check, interMs: 30_000, fastinterMs: 30_000 })).toBe(3 * 62_000)
})
