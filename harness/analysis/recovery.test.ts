import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { Window } from './analysis.ts'
import { type HistorySpec, historyOf, KILL, type Trouble } from './history.fixture.ts'
import { timingsOf } from './timings.fixture.ts'

describe('recovery', () => {
  test('is nought where callers never noticed', () => {
    expect(timingsOf('recovery').map((timing) => timing.took.point)).toEqual([0, 0])
  })

  test('lasts until five seconds are as good as before', () => {
    const [timing] = timingsOf('recovery', { trouble: [{ from: 14_000, to: 16_000, how: 'slow', slowMs: 50 }] })
    expect(timing?.took.point).toBeGreaterThan(1800)
    expect(timing?.took.point).toBeLessThan(2100)
  })

  test('is censored where the run ended first', () => {
    expect(
      timingsOf('recovery', { trouble: [{ from: 14_000, to: 40_000, how: 'slow', slowMs: 50 }] })[0]?.censored,
    ).toBe(true)
  })

  test('that the next fault cut short is told apart: it was longer than that', () => {
    const slow = { kind: 'slow', targets: ['data-plane-2'] } as const
    const faults = [
      { ...slow, at: 8000, healAt: 9000 },
      { ...slow, at: 26_000, healAt: 27_000 },
    ]
    const spec: HistorySpec = { faults, seconds: 40, trouble: [{ from: 9000, to: 25_900, how: 'slow', slowMs: 50 }] }
    expect(timingsOf('recovery', spec).map(({ faultId }) => faultId)).toEqual(['slow-26000', 'slow-26000'])
    expect(analyse(historyOf(spec)).unrecovered).toMatchObject([
      { faultId: 'slow-8000', at: 'kept-alive', censored: true, took: { point: 26_000 - 9010 - 5000 } },
      { faultId: 'slow-8000', at: 'new-connections', censored: true },
    ])
    // While another fault was in effect nobody was to be served as before.
    const meanwhile = { kind: 'kill', targets: ['data-plane-1'], at: 7500, healAt: 30_000 } as const
    expect(analyse(historyOf({ ...spec, faults: [meanwhile, ...faults] })).unrecovered).toEqual([])
  })

  test('is not charged with another fault that was still in effect: it counts from when that was clear', () => {
    const slow = { kind: 'slow', targets: ['data-plane-2'], at: 7500, healAt: 20_000 } as const
    const waits: Trouble = { from: 7520, to: 20_500, how: 'slow', slowMs: 50 }
    const lasted = timingsOf('recovery', { faults: [slow, KILL], trouble: [waits], seconds: 40 })
    expect(lasted.map(({ faultId, censored }) => [faultId, censored])).toEqual([
      ['slow-7500', false],
      ['slow-7500', false],
      ['kill-8000', false],
      ['kill-8000', false],
    ])
    expect(lasted.every(({ took }) => took.point > 300 && took.point < 700)).toBe(true)
  })

  test('is not told where the generator slept most of the time', () => {
    const asleep = Array.from(
      { length: 160 },
      (_, k) => ({ from: 14_000 + k * 100, to: 14_090 + k * 100, how: 'own-stall' }) as const,
    )
    expect(timingsOf('recovery', { trouble: asleep })).toEqual([])
  })

  test('a difference of 4 ms is none', () => {
    expect(
      timingsOf('recovery', { trouble: [{ from: 14_000, to: 40_000, how: 'slow', slowMs: 4 }] })[0]?.took.point,
    ).toBe(0)
  })

  describe('on a machine that has processors for a fifth of the time', () => {
    const seconds = Array.from({ length: 44 }, (_, k) => 1000 * k)
    const events = seconds.map(
      (at): Event => ({ kind: 'processors-short', since: at, at: at + 800, share: 0.9, processors: 2 }),
    )
    /** Of the calls that waited for one. */
    const waits = (slowMs: number, [from, to]: Window = [0, Infinity]): readonly Trouble[] =>
      seconds
        .filter((at) => at >= from && at < to)
        .map((at) => ({ from: at, to: at + 800, how: 'slow', share: 0.3, slowMs }))
    const told = (trouble: readonly Trouble[], lasts = 45) =>
      timingsOf('recovery', { seconds: lasts, events, trouble }).map(({ took, censored }) => ({ ...took, censored }))

    test('is told by a hundred calls that were left alone, for as long as those take', () => {
      expect(told(waits(40)).map(({ point, censored }) => [point, censored])).toEqual([
        [0, false],
        [0, false],
      ])
      // Of 5 s there are a hundred at the most, of which some were under way when a shortage began.
      expect(told(waits(40), 19)).toEqual([])
    })

    test('is known to when the first of them was as before', () => {
      const lasting: Trouble = { from: 14_000, to: 17_000, how: 'slow', slowMs: 50 }
      const both = told([...waits(40), lasting])
      expect(both).toHaveLength(2)
      for (const { point, min, max } of both) {
        expect(point).toBeGreaterThan(2900)
        expect(point).toBeLessThanOrEqual(3000)
        expect(min).toBe(point - 100)
        expect(max).toBeGreaterThan(3750)
        expect(max).toBeLessThan(3850)
      }
    })

    test('has not come by the end where those were slow to the end, unless so few were that chance may have made them', () => {
      const slow = (lastsMs: number): readonly Trouble[] =>
        seconds
          .filter((at) => at >= 14_000)
          .map((at) => ({ from: at + 900, to: at + 900 + lastsMs, how: 'slow', slowMs: 50 }))
      const untilTheEnd = told([...waits(40), ...slow(100)])
      expect(untilTheEnd).toHaveLength(2)
      for (const { point, censored } of untilTheEnd) expect([censored, point > 25_000]).toEqual([true, true])
      // One of the forty in each second: too many of those of half a minute, and too few to tell of those of six seconds.
      expect(told([...waits(40), ...slow(5)])).toHaveLength(2)
      expect(told([...waits(40), ...slow(5)], 20)).toEqual([])
    })

    test('is not told where all the others were slower than they were before', () => {
      expect(told([...waits(40, [0, 14_000]), ...waits(200, [14_000, 45_000])])).toEqual([])
      expect(told([...waits(40, [0, 14_000]), ...waits(45, [14_000, 45_000])])).toHaveLength(2)
    })
  })
})
