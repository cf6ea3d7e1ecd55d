import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import type { CheckSettings } from '../topology/check.ts'
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

  test('of a node that no balancer holds, and that serves no callers, is told by nobody', () => {
    const faults = [{ ...REPLACE, targets: ['control-plane-1'] }]
    const { timings } = analyse(historyOf({ faults }))
    expect(timings.filter(({ isReplacement }) => isReplacement)).toEqual([])
  })
})

describe('the readmission of a replacement that serves no callers', () => {
  type State = 'in' | 'out' | 'draining'
  type Opinion = readonly [at: number, state: State, backend?: string]

  /** A balancer's opinions of the node, which it trusted at first. */
  const opinionsOf = (opinions: readonly Opinion[]): readonly Event[] => {
    const was = new Map<string, State>()
    const backends = new Set(opinions.map(([, , backend = 'dashboard']) => backend))
    const first = [...backends].map((backend): Opinion => [5, 'in', backend])
    return [...first, ...opinions].map(([at, state, backend = 'dashboard']) => {
      const before = was.get(backend)
      was.set(backend, state)
      const of = { balancer: 'load-balancer-control', backend, node: 'control-plane-1' }
      return { kind: 'rotation', at, ...of, state, ...(before && { was: before }), lastLookAt: at - 100 }
    })
  }

  /** In effect by 9,025 ms; its heal begins at 14,000 ms. The drain that held it meanwhile is healed by 11,010 ms. */
  const UPGRADE: Broken = { kind: 'upgrade', targets: ['control-plane-1'], at: 9000, healAt: 14_000 }
  const DRAIN: Broken = { ...UPGRADE, kind: 'drain', at: 8000, healAt: 11_000 }
  const GONE: readonly Opinion[] = [
    [8050, 'draining'],
    [9200, 'out'],
  ]

  const replacementsOf = (faults: readonly Broken[], opinions: readonly Opinion[]) =>
    analyse(historyOf({ faults, events: opinionsOf(opinions) }))
      .timings.filter(({ isReplacement }) => isReplacement)
      .map(({ measure, of, at, took, censored, faultId }) => [measure, of, at, took.point, censored, faultId])
  const told = (point: number, censored: boolean, at = 'load-balancer-control') => [
    ['readmission', 'control-plane-1', at, point, censored, 'upgrade-9000'],
  ]

  test('is its balancer’s trust once no drain holds it', () => {
    const opinions: readonly Opinion[] = [...GONE, [10_500, 'draining'], [11_100, 'in']]
    expect(replacementsOf([DRAIN, UPGRADE], opinions)).toEqual(told(40, false))
  })

  test('is censored at the healing where it never came, whatever comes after', () => {
    expect(replacementsOf([DRAIN, UPGRADE], GONE)).toEqual(told(2990, true))
    expect(replacementsOf([DRAIN, UPGRADE], [...GONE, [14_000, 'in']])).toEqual(told(2990, true))
    expect(replacementsOf([DRAIN, UPGRADE], [...GONE, [11_100, 'in'], [12_000, 'out']])).toEqual(told(2990, true))
  })

  test('lasts to the next drain alone: what was trusted until then was back', () => {
    const again: Broken = { ...DRAIN, at: 12_500, healAt: 15_000 }
    const trusted: readonly Opinion[] = [...GONE, [11_600, 'in'], [12_550, 'draining'], [15_100, 'in']]
    expect(replacementsOf([DRAIN, UPGRADE, again], trusted)).toEqual(told(540, false))
    expect(replacementsOf([DRAIN, UPGRADE, again], [...GONE, [15_100, 'in']])).toEqual(told(1490, true))
  })

  test('is expected of nobody while a drain holds it to its healing', () => {
    const drain = { ...DRAIN, healAt: 16_000 }
    expect(replacementsOf([drain, UPGRADE], [...GONE, [16_100, 'in']])).toEqual([])
  })

  test('counts from its effect where nobody drained it', () => {
    const dropped: Opinion = [9200, 'out']
    expect(replacementsOf([UPGRADE], [dropped, [12_000, 'in']])).toEqual(told(2930, false))
    expect(replacementsOf([UPGRADE], [dropped])).toEqual(told(4975, true))
    // Dropped and back before anybody could say that it was in effect.
    const brief: readonly Opinion[] = [
      [9005, 'out'],
      [9010, 'in'],
    ]
    expect(replacementsOf([UPGRADE], brief)).toEqual(told(0, false))
  })

  test('is told of every backend that holds it', () => {
    const opinions: readonly Opinion[] = [
      ...GONE,
      [8050, 'draining', 'dp-manager'],
      [9200, 'out', 'dp-manager'],
      [11_100, 'in', 'dp-manager'],
    ]
    expect(replacementsOf([DRAIN, UPGRADE], opinions)).toEqual([
      ...told(2990, true, 'load-balancer-control (dashboard)'),
      ...told(40, false, 'load-balancer-control (dp-manager)'),
    ])
  })

  test('by a balancer that never dropped the node is nought where it had to notice, and told by nobody where it had not', () => {
    const tookOf = (check?: CheckSettings) => {
      const history = historyOf({ faults: [UPGRADE], events: opinionsOf([[6, 'in']]) })
      const events = history.events.map(
        (event): Event =>
          event.kind === 'run' && check
            ? { ...event, settings: { ...event.settings, checks: { 'load-balancer-control': check } } }
            : event,
      )
      return analyse({ ...history, events })
        .timings.filter(({ isReplacement }) => isReplacement)
        .map(({ took, censored }) => [took.point, censored])
    }
    const check: CheckSettings = { interMs: 1000, fastinterMs: 300, fall: 2, rise: 2, timeoutMs: 500 }
    expect(tookOf(check)).toEqual([[0, false]])
    expect([tookOf(), tookOf({ ...check, interMs: 10_000 })]).toEqual([[], []])
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
