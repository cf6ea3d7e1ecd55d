import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import type { Outage } from './analysis.ts'
import { historyOf, type Trouble } from './history.fixture.ts'
import { wilsonLower } from './partial-outage.ts'

const partialOf = (...trouble: readonly Trouble[]): readonly Outage[] =>
  (analyse(historyOf({ trouble })).lanes.find((lane) => lane.lane === 'kept-alive')?.outages ?? []).filter(
    (outage) => outage.kind === 'partial',
  )

describe('partial outages', () => {
  test('half of the calls refused for two seconds are one, whose edges are the first and the last lost call', () => {
    const [outage, ...more] = partialOf({ from: 9000, to: 11_000, how: 'refused', share: 0.5 })
    expect(more).toEqual([])
    expect(outage?.from).toBeGreaterThanOrEqual(8998)
    expect(outage?.to).toBeLessThanOrEqual(11_000)
    expect(outage?.length.point).toBeGreaterThan(1900)
    expect(outage?.lost).toBeGreaterThan(150)
  })

  test('they join to the node that lost the calls', () => {
    expect(
      partialOf({ from: 9000, to: 10_000, how: 'wrong', node: 'data-plane-3' }).map((outage) => outage.nodes),
    ).toEqual([['data-plane-3']])
  })

  test('one lost call is none', () => {
    expect(partialOf({ from: 9000, to: 9005, how: 'refused' })).toEqual([])
  })

  test('a full outage is not a partial one besides', () => {
    expect(partialOf({ from: 9000, to: 9500, how: 'refused' })).toEqual([])
  })

  describe('a full outage whose calls were lost before the last that had come through was answered', () => {
    // Answers take 100 ms: twenty calls that came before these were lost are under way then, and are answered.
    const slow: Trouble = { from: 0, to: 30_000, how: 'slow', slowMs: 100 }

    test('is not a partial one besides', () => {
      expect(partialOf({ from: 7919, to: 9500, how: 'refused' }, slow)).toEqual([])
    })

    test('hides none that came long before, nor one that follows', () => {
      const before: Trouble = { from: 8100, to: 9000, how: 'refused', share: 0.5 }
      const after: Trouble = { from: 12_500, to: 13_500, how: 'refused', share: 0.5 }
      expect(partialOf(before, { from: 9919, to: 11_500, how: 'refused' }, after, slow)).toHaveLength(2)
    })

    test('hides none that turned into it, but for the calls that are its own', () => {
      const half: Trouble = { from: 8100, to: 9919, how: 'refused', share: 0.5 }
      const [outage, ...more] = partialOf(half, { from: 9919, to: 11_500, how: 'refused' }, slow)
      expect(more).toEqual([])
      expect(outage?.length.point).toBeGreaterThan(1700)
      expect(outage?.to).toBeLessThanOrEqual(9920)
    })
  })

  test('two that lie 300 ms apart are one: the windows of fifty calls that reach over them meet', () => {
    const found = partialOf(
      { from: 9000, to: 9500, how: 'refused', share: 0.4 },
      { from: 9800, to: 10_300, how: 'refused', share: 0.4 },
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.length.point).toBeGreaterThan(1100)
  })

  test('two that lie a second apart are two', () => {
    expect(
      partialOf(
        { from: 9000, to: 10_000, how: 'refused', share: 0.4 },
        { from: 11_000, to: 12_000, how: 'refused', share: 0.4 },
      ),
    ).toHaveLength(2)
  })
})

test("the lower end of Wilson's interval is what tables give", () => {
  expect(wilsonLower(5, 10)).toBeCloseTo(0.2366, 3)
  expect(wilsonLower(1, 50)).toBeCloseTo(0.0035, 3)
  expect(wilsonLower(0, 50)).toBe(0)
  expect(wilsonLower(0, 0)).toBe(0)
})
