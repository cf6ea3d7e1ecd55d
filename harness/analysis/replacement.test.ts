import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { Timing } from './analysis.ts'
import { type Broken, historyOf, KILL, type Trouble } from './history.fixture.ts'

/** In effect by 8,025 ms; its heal begins at 14,000 ms, and is done at 14,010 ms. */
const REPLACE: Broken = { ...KILL, kind: 'replace' }

const gone = (from: number, to: number): Trouble => ({ from, to, how: 'refused', node: 'data-plane-1' })

const readmissionsOf = (...trouble: readonly Trouble[]): readonly Timing[] =>
  analyse(historyOf({ faults: [REPLACE], trouble })).timings.filter(({ measure }) => measure === 'readmission')

describe('the readmission of a node that is replaced', () => {
  test('is told twice: of its replacement from its effect on, and of itself from its healing on', () => {
    const [replacement, own, ...more] = readmissionsOf(gone(8010, 10_000), gone(14_000, 17_000))
    expect(more).toEqual([])
    expect(replacement).toMatchObject({ of: 'data-plane-1', isReplacement: true, censored: false })
    expect(replacement?.took.point).toBeCloseTo(1980, -2)
    expect(own).toMatchObject({ of: 'data-plane-1', censored: false })
    expect(own?.isReplacement).toBeUndefined()
    expect(own?.took.point).toBeCloseTo(2990, -2)
  })

  test('of a replacement that nobody gives a call is censored at the healing, whatever comes after', () => {
    const [replacement, own] = readmissionsOf(gone(8010, 16_000))
    expect(replacement).toMatchObject({ isReplacement: true, censored: true, took: { point: 5975 } })
    expect(own).toMatchObject({ censored: false })
  })

  test('is not what the replacement still answers while it is being healed away', () => {
    const [, own] = readmissionsOf(gone(8010, 10_000), gone(14_009, 17_000))
    expect(own?.took.point).toBeGreaterThan(2900)
  })

  test('of a node that serves no callers is told once', () => {
    const faults = [{ ...REPLACE, targets: ['control-plane-1'] }]
    const { timings } = analyse(historyOf({ faults }))
    expect(timings.filter(({ isReplacement }) => isReplacement)).toEqual([])
  })
})

test('a call that the replacement answers, while the node itself is not ready, is not early', () => {
  const look = (at: number, ready: boolean): Event => ({
    kind: 'readiness',
    node: 'data-plane-1',
    ready,
    at,
    lastLookAt: at - 4,
  })
  const events = [look(14_005, false), look(15_000, false), look(15_200, true)]
  const troubles = [gone(8010, 10_000), gone(14_009, 15_300)]
  expect(analyse(historyOf({ faults: [REPLACE], events, trouble: troubles })).earlyCalls).toEqual([])
  expect(analyse(historyOf({ faults: [KILL], events, trouble: troubles })).earlyCalls).not.toEqual([])
})

test('a replacement that the balancer finds before it noticed anything was ejected by nobody', () => {
  const trusted: Event = {
    kind: 'rotation',
    at: 3,
    balancer: 'load-balancer-callers',
    backend: 'gateway',
    node: 'data-plane-1',
    state: 'in',
    lastLookAt: 2,
  }
  const ejectionsOf = (broken: Broken) =>
    analyse(historyOf({ faults: [broken], without: ['rotation'], events: [trusted] })).timings.filter(
      ({ measure }) => measure === 'ejection',
    )
  expect(ejectionsOf(REPLACE)).toEqual([])
  expect(ejectionsOf(KILL)).toEqual([expect.objectContaining({ censored: true })])
})

test('a replacement that ended by SIGKILL was no graceful end of the one before it', () => {
  const died: Event = { kind: 'engine', at: 8010, container: 'c', node: 'data-plane-1', action: 'die', exitCode: 137 }
  const [fault] = analyse(historyOf({ faults: [REPLACE], events: [died] })).faults
  expect(fault?.doubts).toEqual(['data-plane-1 was ended by SIGKILL: it was not a graceful stop'])
})
