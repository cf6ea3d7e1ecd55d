import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import type { WorstWindow } from './analysis.ts'
import { callsOf } from './calls.ts'
import { type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'
import { worstWindows } from './worst-windows.ts'

const windowsOf = (spec: HistorySpec): readonly WorstWindow[] =>
  analyse(historyOf(spec)).lanes.find((each) => each.lane === 'kept-alive')?.worstWindows ?? []

const availabilityOver = (windows: readonly WorstWindow[], lengthMs: number): number | undefined =>
  windows.find((each) => each.lengthMs === lengthMs)?.availability

describe('the worst window of every length', () => {
  test('is not asked for where nothing was lost', () => {
    expect(windowsOf({})).toEqual([])
  })

  test('of one long outage is empty of answers up to its length', () => {
    const windows = windowsOf({ trouble: [{ from: 9000, to: 10_000, how: 'refused' }] })
    expect([100, 500, 1000].map((ms) => availabilityOver(windows, ms))).toEqual([0, 0, 0])
    expect(availabilityOver(windows, 2000)).toBe(0.5)
    expect(windows.find((each) => each.lengthMs === 2000)).toMatchObject({ lost: 200, of: 400 })
  })

  test('of ten short outages with the same sum is better than that from their length on', () => {
    const trouble = Array.from(
      { length: 10 },
      (_, k): Trouble => ({ from: 9000 + k * 500, to: 9100 + k * 500, how: 'refused' }),
    )
    const windows = windowsOf({ trouble })
    expect(availabilityOver(windows, 100)).toBe(0)
    expect(availabilityOver(windows, 1000)).toBe(0.8)
    expect(availabilityOver(windows, 5000)).toBe(0.8)
  })

  test('reaches from 100 ms to the whole lane', () => {
    const windows = windowsOf({ trouble: [{ from: 9000, to: 9050, how: 'refused' }] })
    expect(windows.map(({ lengthMs }) => lengthMs)).toEqual([100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 29_900])
    expect(windows.at(-1)).toMatchObject({ lost: 10, of: 5980 })
  })

  test('leaves calls out that were never sent for the generator’s own reasons', () => {
    const trouble: readonly Trouble[] = [
      { from: 9000, to: 9050, how: 'refused' },
      { from: 9050, to: 9100, how: 'lost-row' },
    ]
    expect(windowsOf({ trouble })[0]).toMatchObject({ lost: 10, of: 10, availability: 0 })
  })

  test('is what trying every window finds', () => {
    const lane = historyOf({ seconds: 2, rate: 100 }).lanes[0]
    if (!lane) throw new Error('no lane')
    const calls = callsOf(lane)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: calls.count, maxLength: calls.count, max: 6 }), (drawn) => {
        // 0 is lost, 1 was never sent, the rest was answered.
        const lost = drawn.map((each) => (each === 0 ? 1 : 0))
        const code = drawn.map((each) => (each === 1 ? 4 : each === 0 ? 2 : 0))
        for (const { lengthMs, availability } of worstWindows({ ...calls, code }, lost)) {
          const size = Math.round(lengthMs / calls.everyMs)
          const tried = Array.from({ length: calls.count - size + 1 }, (_, begin) => {
            const within = [...drawn.subarray(begin, begin + size)]
            const of = within.filter((each) => each !== 1).length
            return of === 0 ? 1 : 1 - within.filter((each) => each === 0).length / of
          })
          expect(availability).toBeCloseTo(Math.min(...tried), 12)
        }
      }),
      { numRuns: 40 },
    )
  })
})
