import { expect, test } from 'vitest'
import { dealt, timesOf } from './deal.ts'

const lengthsMs = [10, 500, 2000, 10_000]

test('every length is made as often as asked, and those above half a second a sixth as often', () => {
  const all = dealt({ kind: 'stall', lengthsMs, times: 60 }).flat()
  expect(lengthsMs.map((ms) => all.filter((each) => each === ms).length)).toEqual([60, 60, 10, 10])
  expect(timesOf(2000, 1)).toBe(1)
})

test('no run takes much more than a minute, or needs more servers than it may', () => {
  for (const run of dealt({ kind: 'stall', lengthsMs, times: 60 }))
    expect(run.reduce((sum, ms) => sum + ms + 600, 0)).toBeLessThanOrEqual(75_000)
  for (const run of dealt({ kind: 'kill', lengthsMs: [10], times: 50 })) expect(run.length).toBeLessThanOrEqual(20)
})

test('the order is one of chance', () => {
  let draw = 0
  // Each draw below the one before: the last comes first.
  const order = dealt({ kind: 'stall', lengthsMs: [10, 20, 50], times: 1 }, () => (draw -= 1))
  expect(order).toEqual([[50, 20, 10]])
})
