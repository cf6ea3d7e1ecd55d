import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginsAt, positionAt, type Ramp, rateOf, type Schedule, scheduledAt } from './schedule.ts'

const rate = fc.double({ min: 1, max: 20_000, noNaN: true })
const ramps: fc.Arbitrary<readonly Ramp[]> = fc
  .array(fc.record({ skip: fc.integer({ min: 1, max: 500 }), to: rate, overMs: fc.integer({ min: 0, max: 60_000 }) }), {
    maxLength: 4,
  })
  .map((all) => {
    let index = 0
    return all.map(({ skip, to, overMs }) => {
      index += skip
      return { index, to, overMs }
    })
  })
const schedules: fc.Arbitrary<Schedule> = fc.record({
  t0: fc.double({ min: 0, max: 1e6, noNaN: true }),
  rate,
  seed: fc.nat(),
  ramps,
})

describe('whatever the ramps', () => {
  test('calls stay in order, each in its own interval', () => {
    fc.assert(
      fc.property(schedules, fc.nat(3000), (schedule, i) => {
        expect(scheduledAt(schedule, i)).toBeGreaterThanOrEqual(beginsAt(schedule, i))
        expect(scheduledAt(schedule, i)).toBeLessThanOrEqual(beginsAt(schedule, i + 1))
      }),
      { numRuns: 500 },
    )
  })

  test('the position at the instant of an interval is that interval', () => {
    fc.assert(
      fc.property(schedules, fc.double({ min: 0, max: 3000, noNaN: true }), (schedule, n) => {
        const at = beginsAt(schedule, n)
        // A double holds an instant a million ms after 0 to 1e-10 ms.
        expect(Math.abs(positionAt(schedule, at) - n)).toBeLessThan(1e-4)
      }),
      { numRuns: 500 },
    )
  })

  test('between two intervals so many calls are due as the area under the rate says', () => {
    fc.assert(
      fc.property(schedules, fc.nat(2000), (schedule, n) => {
        const [from, to] = [beginsAt(schedule, n), beginsAt(schedule, n + 1)]
        const [before, after] = [rateOf(schedule, n), rateOf(schedule, n + 1)]
        const isWithinOnePiece = !(schedule.ramps ?? []).some(
          ({ index, overMs }) =>
            (index > n && index < n + 1) ||
            (beginsAt(schedule, index) + overMs > from && beginsAt(schedule, index) + overMs < to),
        )
        if (isWithinOnePiece && (schedule.ramps ?? []).every(({ index }) => index !== n + 1))
          expect(((before + after) / 2) * ((to - from) / 1000)).toBeCloseTo(1, 4)
      }),
      { numRuns: 500 },
    )
  })

  test('a ramp changes nothing of the calls before it', () => {
    fc.assert(
      fc.property(schedules, fc.nat(400), rate, (schedule, i, to) => {
        const last = schedule.ramps?.at(-1)?.index ?? 0
        const more = [...(schedule.ramps ?? []), { index: last + 1 + i, to, overMs: 5000 }]
        for (const call of [0, last, last + i]) {
          expect(scheduledAt({ ...schedule, ramps: more }, call)).toBe(scheduledAt(schedule, call))
        }
      }),
    )
  })
})

test('from 100 to 300 calls a second over ten seconds makes two thousand calls, and then 300 in each second', () => {
  const schedule = { t0: 1000, rate: 100, ramps: [{ index: 500, to: 300, overMs: 10_000 }] }
  expect(beginsAt(schedule, 500)).toBe(6000)
  expect(beginsAt(schedule, 2500)).toBeCloseTo(16_000, 6)
  expect(beginsAt(schedule, 2800)).toBeCloseTo(17_000, 6)
  expect([499, 1500, 2500, 9999].map((n) => Math.round(rateOf(schedule, n)))).toEqual([100, 224, 300, 300])
  expect(positionAt(schedule, 11_000)).toBeCloseTo(1250, 6)
})

test('a ramp in the middle of another goes on from the rate that was reached', () => {
  const ramps = [
    { index: 0, to: 300, overMs: 10_000 },
    { index: 750, to: 100, overMs: 1000 },
  ]
  const schedule = { t0: 0, rate: 100, ramps }
  expect(beginsAt(schedule, 750)).toBeCloseTo(5000, 6)
  expect(rateOf(schedule, 749.999)).toBeCloseTo(200, 0)
  // From 200 to 100 over a second: 150 calls.
  expect(beginsAt(schedule, 900)).toBeCloseTo(6000, 6)
  expect(beginsAt(schedule, 1000)).toBeCloseTo(7000, 6)
})
