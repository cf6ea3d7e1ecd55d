// Which endpoint is next, which one is skipped, and for how long.
import { expect, test } from 'vitest'
import { endpointRing } from './endpoint-ring.ts'

function ringAt(urls: readonly string[]) {
  const clock = { ms: 0 }
  return { clock, ring: endpointRing(urls, { maxFails: 3, failWindowMs: 10_000, now: () => clock.ms }) }
}

test('endpoints are taken in turn, the first one first', () => {
  const { ring } = ringAt(['a', 'b'])
  expect([ring.next(), ring.next(), ring.next()]).toEqual(['a', 'b', 'a'])
})

test('an endpoint that failed twice is taken, one that failed three times within the window is skipped', () => {
  const { ring } = ringAt(['a', 'b'])
  ring.failed('a')
  ring.failed('a')
  expect(ring.next()).toBe('a')
  ring.failed('a')
  expect([ring.next(), ring.next()]).toEqual(['b', 'b'])
})

test('the window begins with the first failure, and failures outside it do not add up', () => {
  const { ring, clock } = ringAt(['a'])
  for (const ms of [0, 6_000, 12_000]) {
    clock.ms = ms
    ring.failed('a')
  }
  expect(ring.next()).toBe('a')
})

test('when all are skipped there is none, and there is one again after the window', () => {
  const { ring, clock } = ringAt(['a'])
  for (let fail = 0; fail < 3; fail += 1) ring.failed('a')
  clock.ms = 9_999
  expect(ring.next()).toBe(undefined)
  clock.ms = 10_000
  expect(ring.next()).toBe('a')
})
