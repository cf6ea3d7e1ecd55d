import { expect, test } from 'vitest'
import { admissionWaitMs, dropWaitMs, silenceLimitOf } from './waits.ts'

const check = { interMs: 1000, fastinterMs: 300, downinterMs: 500, fall: 2, rise: 2, timeoutMs: 1000 }

test('nothing is waited for less than 10 s, also where nothing is predicted', () => {
  expect([dropWaitMs(check), admissionWaitMs(check)]).toEqual([10_000, 10_000])
  expect([dropWaitMs(undefined), admissionWaitMs(undefined)]).toEqual([10_000, 10_000])
})

test('a drop is waited for three times as long as slow checks take', () => {
  expect(dropWaitMs({ ...check, interMs: 30_000, fastinterMs: 30_000 })).toBe(3 * 62_000)
})

test('a balancer that wants many good checks is waited for three times as long as they take', () => {
  expect(admissionWaitMs({ ...check, rise: 101 })).toBe(3 * 30_500)
})

test('a silence is noticed when the watch has timed out, and its client has looked', () => {
  expect([silenceLimitOf({ watchTimeoutMs: 8_000 }), silenceLimitOf({})]).toEqual(['10000ms', '52000ms'])
})
