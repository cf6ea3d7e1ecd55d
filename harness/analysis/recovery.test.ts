import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
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
})
