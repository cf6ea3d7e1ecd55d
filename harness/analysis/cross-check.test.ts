import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { estimatesDisagree } from './cross-check.ts'
import { historyOf, type Trouble } from './history.fixture.ts'

const fullOf = (...trouble: readonly Trouble[]) =>
  (analyse(historyOf({ trouble })).lanes.find(({ lane }) => lane === 'kept-alive')?.outages ?? []).filter(
    ({ kind }) => kind === 'full',
  )

describe('the two estimates of an outage', () => {
  test('agree within a tenth of its length', () => {
    expect(estimatesDisagree({ point: 1000, min: 995, max: 1005 }, 1100)).toBe(false)
    expect(estimatesDisagree({ point: 1000, min: 995, max: 1005 }, 1101)).toBe(true)
    expect(estimatesDisagree({ point: 1000, min: 995, max: 1005 }, 899)).toBe(true)
  })

  test('agree where the bounds leave room for the difference', () => {
    expect(estimatesDisagree({ point: 40, min: 32, max: 48 }, 55)).toBe(false)
    expect(estimatesDisagree({ point: 40, min: 32, max: 48 }, 57)).toBe(true)
  })

  test('agree for a deployment that refuses everybody, answers nobody, or stalls', () => {
    for (const how of ['refused', 'unanswered', 'stall'] as const)
      expect(fullOf({ from: 9000, to: 9800, how }).map((outage) => outage.estimatesDisagree)).toEqual([undefined])
  })

  test('agree even where one call of 300 ms was lost, since the bounds then say how little is known', () => {
    const silent = { lanes: [{ lane: 'kept-alive', purpose: 'callers' }], without: ['generator-stall'] } as const
    const trouble: readonly Trouble[] = [
      { from: 9000, to: 9300, how: 'own-stall' },
      { from: 9300, to: 9302, how: 'refused', share: 0.05 },
    ]
    const [outage] = analyse(historyOf({ ...silent, trouble })).lanes[0]?.outages ?? []
    expect(outage?.lossDerivedMs).toBeLessThan(50)
    expect(outage?.length.min).toBeLessThan(50)
    expect(outage?.estimatesDisagree).toBeUndefined()
  })
})
