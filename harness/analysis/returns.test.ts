import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import type { Recovery } from './analysis.ts'
import { type HistorySpec, historyOf, KILL, TAKES_MS } from './history.fixture.ts'

const returnOf = (spec: HistorySpec): Recovery => {
  const [found] = analyse(historyOf(spec)).recoveries.filter(({ lane }) => lane === 'kept-alive')
  if (!found) throw new Error('no recovery of lane kept-alive')
  return found
}

/** When the kill was in effect, and healed. */
const EFFECT = KILL.at + TAKES_MS
const HEALED = KILL.healAt + 10

describe('the return of callers', () => {
  test('has no first answer where they were answered all the while, and is stable from the fault on', () => {
    const { firstAnswer, stable } = returnOf({})
    expect(firstAnswer).toBeNull()
    expect(stable?.sinceFault.point).toBeLessThanOrEqual(10)
    expect(stable?.sinceHeal).toBeNull()
  })

  test('is the first answer after the outage, counted from the fault', () => {
    const { firstAnswer, stable } = returnOf({ trouble: [{ from: EFFECT, to: EFFECT + 700, how: 'refused' }] })
    expect(firstAnswer?.sinceFault.min).toBeLessThanOrEqual(700)
    expect(firstAnswer?.sinceFault.max).toBeGreaterThanOrEqual(700)
    expect(Math.abs((firstAnswer?.sinceFault.point ?? 0) - 700)).toBeLessThanOrEqual(10)
    expect(firstAnswer?.sinceHeal).toBeNull()
    expect(stable?.sinceFault.point).toBeGreaterThanOrEqual(700)
    expect(stable?.sinceFault.point).toBeLessThan(720)
  })

  test('is not stable before the last calls are lost, though the first answer came long before', () => {
    const { firstAnswer, stable } = returnOf({
      trouble: [
        { from: EFFECT, to: EFFECT + 700, how: 'refused' },
        { from: EFFECT + 2000, to: EFFECT + 2300, how: 'wrong', share: 0.5 },
      ],
    })
    expect(firstAnswer?.sinceFault.point).toBeLessThan(720)
    expect(stable?.sinceFault.point).toBeGreaterThan(2000)
    expect(stable?.sinceFault.point).toBeLessThan(2400)
  })

  test('is not from an outage that came when all had long been well, nor from one that was there before the fault', () => {
    const long = { from: HEALED + 13_000, to: HEALED + 13_400, how: 'refused' } as const
    const there = { from: KILL.at - 200, to: EFFECT + 300, how: 'refused' } as const
    for (const [trouble, stableMs] of [
      [long, 10],
      [there, 400],
    ] as const) {
      const { firstAnswer, stable } = returnOf({ trouble: [trouble] })
      expect(firstAnswer).toBeNull()
      expect(stable?.sinceFault.point).toBeLessThanOrEqual(stableMs)
    }
  })

  test('is from one that came soon after all was clear, and from one that began with the fault', () => {
    const soon = { from: HEALED + 9000, to: HEALED + 9400, how: 'refused' } as const
    expect(returnOf({ trouble: [soon] }).firstAnswer?.sinceHeal?.point).toBeGreaterThan(9300)
    const withIt = { from: KILL.at + 1, to: EFFECT + 300, how: 'refused' } as const
    expect(returnOf({ trouble: [withIt] }).firstAnswer?.sinceFault.point).toBeGreaterThan(290)
  })

  test('is counted from the healing too where it came after it', () => {
    const { firstAnswer, stable } = returnOf({ trouble: [{ from: EFFECT, to: HEALED + 400, how: 'refused' }] })
    expect(firstAnswer?.sinceHeal?.point).toBeGreaterThan(395)
    expect(firstAnswer?.sinceHeal?.point).toBeLessThan(410)
    expect(stable?.sinceHeal?.point).toBeLessThan(420)
  })

  test('is censored where the run ended first', () => {
    const { firstAnswer, stable } = returnOf({ trouble: [{ from: EFFECT, to: 40_000, how: 'refused' }] })
    expect(firstAnswer?.censored).toBe(true)
    expect(firstAnswer?.sinceFault.point).toBeGreaterThan(21_000)
    expect(stable?.censored).toBe(true)
  })

  test('is not stable, and nobody knows for how long, where the last calls of the run are slow', () => {
    const { stable } = returnOf({ trouble: [{ from: EFFECT, to: 40_000, how: 'slow', slowMs: 100 }] })
    expect(stable?.censored).toBe(true)
    expect(stable?.sinceFault.point).toBeGreaterThan(16_000)
  })

  test('is not stable while nobody knows how calls ended', () => {
    const refused = { from: EFFECT, to: EFFECT + 700, how: 'refused' } as const
    const { stable } = returnOf({ trouble: [refused, { from: EFFECT + 700, to: EFFECT + 4700, how: 'lost-row' }] })
    expect(stable?.sinceFault.max).toBeGreaterThanOrEqual(4700)
    expect(stable?.sinceFault.min).toBeLessThan(4700)
    expect(stable?.sinceFault.min).toBeGreaterThan(4500)
    expect(returnOf({ trouble: [refused, { from: EFFECT + 700, to: 40_000, how: 'lost-row' }] }).stable).toBeNull()
  })

  test('is stable where a few calls are not on record, and not known where most are not', () => {
    const lost = (share: number) => returnOf({ trouble: [{ from: EFFECT, to: 40_000, how: 'lost-row', share }] }).stable
    expect(lost(0.05)?.sinceFault.point).toBeLessThan(500)
    expect(lost(0.8)).toBeNull()
  })

  test('of a fault upon which the next one follows at once is not known', () => {
    const again = { ...KILL, at: 10_000, healAt: 12_000, id: 'kill-again' }
    const { stable } = returnOf({
      faults: [{ ...KILL, healAt: 9000 }, again],
      trouble: [{ from: EFFECT, to: 9500, how: 'refused' }],
    })
    expect(stable).toBeNull()
  })
})

describe('beside a machine that has no processor to give', () => {
  const events = [{ kind: 'processors-short', since: 14_000, at: 30_000, share: 1 }] as const
  const recovered = (spec: Parameters<typeof historyOf>[0] = {}) =>
    analyse(historyOf({ events, ...spec })).timings.filter(({ measure }) => measure === 'recovery')

  test('calls that are as fast as ever show that the deployment is: a busy machine makes none faster', () => {
    expect(recovered().map(({ censored }) => censored)).not.toContain(true)
    expect(recovered()).not.toEqual([])
  })

  test('calls that are slow say nothing, and neither is there a recovery nor is there none', () => {
    expect(recovered({ trouble: [{ from: 14_000, to: 30_000, how: 'slow', slowMs: 80 }] })).toEqual([])
  })
})
