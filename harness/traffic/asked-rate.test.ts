import { expect, test } from 'vitest'
import { askedRate } from './asked-rate.ts'

test('until something else is asked for, it is what it was', () => {
  expect(askedRate(200).leastIn(0, 1e6)).toBe(200)
})

test('on its way up the beginning of the time is the least, on its way down the end', () => {
  const asked = askedRate(200)
  asked.ramp(10_000, { to: 400, overMs: 10_000 })
  expect([asked.leastIn(0, 5000), asked.leastIn(14_000, 16_000), asked.leastIn(30_000, 31_000)]).toEqual([
    200, 280, 400,
  ])
  asked.ramp(40_000, { to: 100, overMs: 3000 })
  expect([asked.leastIn(39_000, 41_000), asked.leastIn(35_000, 50_000)]).toEqual([300, 100])
})

test('a ramp in the middle of another goes on from what was reached', () => {
  const asked = askedRate(200)
  asked.ramp(0, { to: 400, overMs: 10_000 })
  asked.ramp(5000, { to: 100, overMs: 0 })
  expect([asked.leastIn(4000, 4000), asked.leastIn(5000, 6000), asked.leastIn(20_000, 21_000)]).toEqual([280, 100, 100])
})
