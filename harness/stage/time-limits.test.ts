import { expect, test } from 'vitest'
import playwright from '../../playwright.config.ts'
import { scriptLimitMs, testLimitMs } from './time-limits.ts'

test('a script that ends in the last moment of its time leaves its test two minutes to heal, watch the tail, save and judge', () => {
  expect(scriptLimitMs({})).toBe(5 * 60_000)
  expect(playwright.timeout).toBe(7 * 60_000)
})

test('a soak has as much longer as it was asked to go on, and so has its test', () => {
  const env = { FIREDRILL_SOAK: '10m' }
  expect([scriptLimitMs(env), testLimitMs(env)]).toEqual([15 * 60_000, 17 * 60_000])
})
