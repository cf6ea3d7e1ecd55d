import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { Timing } from './analysis.ts'
import { type Broken, type HistorySpec, historyOf, KILL, opinion, type Trouble } from './history.fixture.ts'

const timingsOf = (measure: Timing['measure'], spec: HistorySpec = {}): readonly Timing[] =>
  analyse(historyOf(spec)).timings.filter((timing) => timing.measure === measure)

/** The fault's own events without the balancer's reaction. */
const UNNOTICED: HistorySpec = {
  without: ['rotation'],
  events: [
    {
      kind: 'rotation',
      at: 3,
      balancer: 'load-balancer-callers',
      backend: 'gateway',
      node: 'data-plane-1',
      state: 'in',
      lastLookAt: 2,
    },
  ],
}

describe('ejection', () => {
  test('lasts from the fault’s effect to the balancer’s change of mind, known to a look on either side', () => {
    expect(timingsOf('ejection')).toEqual([
      {
        measure: 'ejection',
        of: 'data-plane-1',
        at: 'load-balancer-callers',
        faultId: 'kill-8000',
        censored: false,
        took: { point: 930, min: 875, max: 985 },
        predictedMaxMs: 2305,
      },
    ])
  })

  test('that never came is censored at the healing', () => {
    expect(timingsOf('ejection', UNNOTICED)).toEqual([
      expect.objectContaining({ censored: true, took: { point: 5975, min: 5975, max: 5975 } }),
    ])
  })

  test('of a node that was drained before is nought', () => {
    const faults: readonly Broken[] = [
      { kind: 'drain', targets: ['data-plane-1'], at: 8000, healAt: 13_000 },
      { kind: 'restart', targets: ['data-plane-1'], at: 10_000, healAt: 11_000 },
    ]
    const [, restart] = timingsOf('ejection', {
      faults,
      without: ['rotation'],
      events: [
        opinion(3, 'data-plane-1', 'in', 'in'),
        opinion(8050, 'data-plane-1', 'draining', 'in'),
        opinion(13_050, 'data-plane-1', 'in', 'draining'),
      ],
    })
    expect(restart).toMatchObject({ faultId: 'restart-10000', censored: false, took: { point: 0 } })
  })

  test('of a restart that was over before a balancer could notice is left out', () => {
    expect(timingsOf('ejection', { ...UNNOTICED, faults: [{ ...KILL, kind: 'restart', healAt: 9000 }] })).toEqual([])
  })

  test('of a fault that was healed before a balancer had to notice is left out, and of one that was healed later it is not', () => {
    const until = (healAt: number) =>
      timingsOf('ejection', { ...UNNOTICED, faults: [{ ...KILL, kind: 'isolate', healAt }] }).map(
        (each) => each.censored,
      )
    expect([until(9000), until(13_000)]).toEqual([[], [true]])
  })

  test('from a backend without traffic, whose checks nobody knows, is left out unless somebody waited for it', () => {
    const held: Event = {
      kind: 'rotation',
      at: 3,
      balancer: 'database-balancer',
      backend: 'databases',
      node: 'database-1',
      state: 'in',
      lastLookAt: 2,
    }
    const waited: Event = {
      kind: 'observation',
      at: 10_500,
      observed: 'drops',
      nodes: ['database-1'],
      outcome: 'ran-out',
      waitedMs: 2000,
    }
    const censored = (...more: readonly Event[]) => {
      const faults: readonly Broken[] = [{ kind: 'isolate', targets: ['database-1'], at: 8000, healAt: 11_000 }]
      const history = historyOf({ faults, events: [held, ...more] })
      const events = history.events.map((event): Event => {
        if (event.kind !== 'run') return event
        const { nodes } = event.topology
        const database = { name: 'database-1', role: 'database', zone: 'a', containers: [] } as const
        const check = { interMs: 1000, fastinterMs: 500, fall: 2, rise: 2, timeoutMs: 1000 }
        return {
          ...event,
          topology: { ...event.topology, nodes: [...nodes, database] },
          settings: { ...event.settings, checks: { 'database-balancer': check } },
        }
      })
      const { timings } = analyse({ ...history, events })
      return timings
        .filter(({ measure, of }) => measure === 'ejection' && of === 'database-1')
        .map((each) => each.censored)
    }
    expect([censored(), censored(waited)]).toEqual([[], [true]])
  })

  const WAITED: Event = {
    kind: 'observation',
    at: 13_000,
    observed: 'drops',
    nodes: ['data-plane-1'],
    outcome: 'ran-out',
    waitedMs: 4000,
  }

  test.each<[string, Partial<Broken>]>([
    ['partition from DP Manager', { kind: 'partition', asked: { from: 'control-plane-1 control-plane-2' } }],
    ['delay', { kind: 'slow' }],
  ])(
    'by a balancer that reaches the node as before, as in a %s, is left out unless somebody waited for it',
    (_, fault) => {
      const told = (...more: readonly Event[]) =>
        timingsOf('ejection', {
          ...UNNOTICED,
          events: [...(UNNOTICED.events ?? []), ...more],
          faults: [{ ...KILL, ...fault }],
        }).map(({ censored, predictedMaxMs }) => [censored, predictedMaxMs])
      expect([told(), told(WAITED)]).toEqual([[], [[true, undefined]]])
    },
  )

  test('somebody waited for in vain after a later fault is that one’s alone', () => {
    const slow = { ...KILL, kind: 'slow', at: 5500, healAt: 6500 } as const
    const told = timingsOf('ejection', {
      ...UNNOTICED,
      events: [...(UNNOTICED.events ?? []), WAITED],
      faults: [slow, { ...KILL, kind: 'pause' }],
    })
    expect(told.map(({ faultId }) => faultId)).toEqual(['pause-8000'])
  })

  test('by a balancer that reaches it as before, and drops it all the same, is told without a prediction', () => {
    const asked = { from: 'control-plane-1' }
    const [timing] = timingsOf('ejection', { faults: [{ ...KILL, kind: 'partition', asked }] })
    expect(timing).toMatchObject({ censored: false, took: { point: 930 } })
    expect(timing?.predictedMaxMs).toBeUndefined()
  })

  test('by a balancer that a node is parted from is predicted', () => {
    const asked = { from: 'control-plane-1 load-balancer-callers' }
    const fault = { ...KILL, kind: 'partition', asked } as const
    expect(timingsOf('ejection', { ...UNNOTICED, faults: [fault] })).toEqual([
      expect.objectContaining({ censored: true, predictedMaxMs: expect.any(Number) }),
    ])
  })

  test('is told for each backend that holds the node', () => {
    const second: Event = {
      kind: 'rotation',
      at: 8500,
      balancer: 'load-balancer-callers',
      backend: 'secure',
      node: 'data-plane-1',
      state: 'out',
      was: 'in',
      lastLookAt: 8400,
    }
    expect(timingsOf('ejection', { events: [second] }).map((timing) => timing.at)).toEqual([
      'load-balancer-callers (gateway)',
      'load-balancer-callers (secure)',
    ])
  })

  test('an error of the clock widens its bounds', () => {
    const [timing] = timingsOf('ejection', {
      without: ['clock'],
      events: [{ kind: 'clock', at: 1, sameKernel: false, offsetMs: 3, errorMs: 7 }],
    })
    expect(timing?.took).toEqual({ point: 930, min: 868, max: 992 })
  })
})

describe('readmission', () => {
  test('lasts from healing to the first call that the node answers', () => {
    const gone = { from: 8020, to: 16_000, how: 'refused', node: 'data-plane-1' } as const
    const [timing] = timingsOf('readmission', { trouble: [gone] })
    expect(timing).toMatchObject({ of: 'data-plane-1', censored: false })
    expect(timing?.took.point).toBeGreaterThan(1990)
    expect(timing?.took.point).toBeLessThan(2020)
  })

  test('of a node that never answers again is censored at the end of the run', () => {
    const gone = { from: 8020, to: 40_000, how: 'refused', node: 'data-plane-1' } as const
    expect(timingsOf('readmission', { trouble: [gone] })).toEqual([
      expect.objectContaining({ censored: true, took: expect.objectContaining({ point: 15_990 }) }),
    ])
  })

  const held = (at: number, state: 'in' | 'out', was?: 'in' | 'out'): Event => ({
    kind: 'rotation',
    at,
    balancer: 'load-balancer-control',
    backend: 'dashboard',
    node: 'control-plane-1',
    state,
    ...(was && { was }),
    lastLookAt: at - 100,
  })
  const STOP = { ...KILL, kind: 'stop', targets: ['control-plane-1'] } as const

  test('of a node that is trusted and dropped again lasts until it is trusted to stay, and no later', () => {
    const until = (...later: readonly Event[]) =>
      timingsOf('readmission', { faults: [STOP], events: [held(5, 'in'), held(9000, 'out', 'in'), ...later] }).map(
        ({ took, censored }) => [censored, took.point],
      )
    const flapping = [held(15_000, 'in', 'out'), held(16_000, 'out', 'in')]
    expect(until(...flapping, held(18_000, 'in', 'out'))).toEqual([[false, 3940]])
    expect(until(held(15_000, 'in', 'out'), held(26_000, 'out', 'in'), held(29_000, 'in', 'out'))).toEqual([
      [false, 940],
    ])
    expect(until(...flapping)).toEqual([[true, expect.any(Number)]])
  })

  test('of a node that serves no callers is the balancer’s trust', () => {
    const timings = timingsOf('readmission', {
      faults: [{ ...KILL, kind: 'stop', targets: ['control-plane-1'] }],
      events: [held(5, 'in'), held(9000, 'out', 'in'), held(17_000, 'in', 'out')],
    })
    expect(timings).toEqual([
      {
        measure: 'readmission',
        of: 'control-plane-1',
        at: 'load-balancer-control',
        faultId: 'stop-8000',
        censored: false,
        took: { point: 2940, min: 2890, max: 2990 },
      },
    ])
  })

  test('is predicted of a node that answers for itself, and not of one that has to find others again', () => {
    const check = { interMs: 1000, fastinterMs: 250, downinterMs: 500, fall: 2, rise: 2, timeoutMs: 500 }
    const predicted = (node: string, kind: Broken['kind'], lbCheck = '/status') => {
      const history = historyOf({
        faults: [{ ...KILL, kind, targets: [node] }],
        events: [held(5, 'in'), held(9000, 'out', 'in'), held(17_000, 'in', 'out')],
      })
      const settings = { lbCheck, check, checks: { 'load-balancer-control': check } }
      const events = history.events.map((event) =>
        event.kind === 'run' ? { ...event, settings: { ...event.settings, ...settings } } : event,
      )
      const { timings } = analyse({ ...history, events })
      return timings.find(({ measure, of }) => measure === 'readmission' && of === node)?.predictedMaxMs
    }
    expect([predicted('data-plane-1', 'isolate'), predicted('data-plane-1', 'isolate', '/status/ready')]).toEqual([
      1255,
      undefined,
    ])
    expect([predicted('control-plane-1', 'drain'), predicted('control-plane-1', 'isolate')]).toEqual([755, undefined])
  })

  test('of a drained node that was restarted counts from the end of the drain alone', () => {
    const faults: readonly Broken[] = [
      { kind: 'drain', targets: ['data-plane-1'], at: 8000, healAt: 13_000 },
      { kind: 'restart', targets: ['data-plane-1'], at: 10_000, healAt: 11_000 },
    ]
    const predictedOf = (of: readonly Broken[]) =>
      timingsOf('readmission', { faults: of }).map((timing) => timing.predictedMaxMs)
    expect(timingsOf('readmission', { faults }).map((timing) => timing.faultId)).toEqual(['drain-8000'])
    // How long it takes to start is no setting of the balancer's.
    expect([predictedOf(faults), predictedOf(faults.slice(0, 1))]).toEqual([[undefined], [expect.any(Number)]])
  })
})

test('a hung gateway that is slow besides is not held out by that: its readmission counts from when it goes on', () => {
  const slow = { kind: 'slow', targets: ['data-plane-1'], at: 8000, healAt: 25_000, id: 'slow' } as const
  const hung = { kind: 'pause', targets: ['data-plane-1'], at: 10_000, healAt: 14_000, id: 'pause' } as const
  const gone = { from: 10_000, to: 19_000, how: 'unanswered', node: 'data-plane-1' } as const
  const timings = timingsOf('readmission', { faults: [slow, hung], trouble: [gone] })
  expect(timings.find(({ faultId }) => faultId === 'pause')?.took.point).toBeGreaterThan(4500)
})

describe('early calls', () => {
  const look = (at: number, ready: boolean, lastLookAt: number): Event => ({
    kind: 'readiness',
    node: 'data-plane-1',
    ready,
    at,
    lastLookAt,
  })

  test('a call answered by a node that says it is not ready is early', () => {
    const events = [look(14_500, false, 14_400), look(15_000, false, 14_900), look(15_200, true, 15_100)]
    const gone = { from: 8020, to: 14_700, how: 'refused', node: 'data-plane-1' } as const
    const { earlyCalls } = analyse(historyOf({ events, trouble: [gone] }))
    expect(earlyCalls.length).toBeGreaterThan(20)
    expect(earlyCalls[0]).toMatchObject({ node: 'data-plane-1', notReadyAt: 15_100 })
    expect(earlyCalls.every((call) => call.at >= 14_000 && call.at <= 15_100)).toBe(true)
  })

  test('a call after the last look that saw it not ready is none', () => {
    const gone = { from: 8020, to: 15_105, how: 'refused', node: 'data-plane-1' } as const
    expect(
      analyse(historyOf({ events: [look(14_500, false, 14_400), look(15_200, true, 15_100)], trouble: [gone] }))
        .earlyCalls,
    ).toEqual([])
  })

  test('a call that may have been answered after the node was ready is none', () => {
    const events = [look(14_500, false, 14_400), look(15_200, true, 15_100)]
    const gone = { from: 8020, to: 14_900, how: 'refused', node: 'data-plane-1' } as const
    const slow = { from: 14_900, to: 15_200, how: 'slow', slowMs: 300, node: 'data-plane-1' } as const
    expect(analyse(historyOf({ events, trouble: [gone, slow] })).earlyCalls).toEqual([])
  })

  test('a call to a node that DP Manager refuses is none: it serves all the while, and says that it is not ready', () => {
    const events = [look(14_500, false, 14_400), look(15_200, true, 15_100)]
    const faults = [{ kind: 'certificate', targets: ['data-plane-1'], at: 8000, healAt: 14_000 }] as const
    expect(analyse(historyOf({ events, faults })).earlyCalls).toEqual([])
  })

  test('a call to a node that is parted from DP Manager alone is none, to one parted from its balancer it is', () => {
    const events = [look(14_500, false, 14_400), look(15_200, true, 15_100)]
    const parted = (from: string) => {
      const fault = { kind: 'partition', targets: ['data-plane-1'], at: 8000, healAt: 14_000, asked: { from } } as const
      return analyse(historyOf({ events, faults: [fault] })).earlyCalls.length
    }
    expect(parted('control-plane-1 control-plane-2')).toBe(0)
    expect(parted('control-plane-1 load-balancer-callers')).toBeGreaterThan(0)
  })

  test('a call to a node that hung is none while the whole control plane is away: it has its configuration, and says that it is not ready', () => {
    const events = [look(14_500, false, 14_400), look(15_200, true, 15_100)]
    const hung = { ...KILL, kind: 'pause' } as const
    const away = (targets: readonly string[], kind: 'pause' | 'kill' = 'pause') => {
      const control = { kind: 'stop', targets, at: 7500, healAt: 15_000 } as const
      return analyse(historyOf({ events, faults: [control, { ...hung, kind }] })).earlyCalls.length
    }
    expect(away(['control-plane-1', 'control-plane-2'])).toBe(0)
    expect(away(['control-plane-1'])).toBeGreaterThan(0)
    // Whoever was started anew has nothing to serve with.
    expect(away(['control-plane-1', 'control-plane-2'], 'kill')).toBeGreaterThan(0)
  })

  test('a call as the node became ready is none where the callers’ clock is not known so well', () => {
    const events = [look(14_500, false, 14_000), look(15_200, true, 14_050)]
    const known = (errorMs: number) => {
      const clock = { kind: 'clock', at: 2, zone: 'outside', sameKernel: false, offsetMs: 0, errorMs } as const
      return analyse(historyOf({ events: [...events, clock] })).earlyCalls.length
    }
    expect(known(0)).toBeGreaterThan(0)
    expect(known(30)).toBe(0)
  })

  test('a call as packets are let through again is none: the look that was not answered then was lost as others were', () => {
    // The heal begins at 14 000; the rule is gone by 14 025 at the latest.
    const begun = (at: number) => [look(at + 500, false, 13_900), look(at + 520, true, at)]
    const early = (kind: 'loss' | 'kill', events: readonly Event[]) =>
      analyse(historyOf({ events, faults: [{ ...KILL, kind }] })).earlyCalls
    expect(early('loss', begun(14_020))).toEqual([])
    expect(early('kill', begun(14_020)).length).toBeGreaterThan(0)
    expect(early('loss', begun(14_300)).length).toBeGreaterThan(0)
  })

  test('a call to a node that was ready all the while is none, though it is not ready after another fault', () => {
    const slow = { kind: 'slow', targets: ['data-plane-1'], at: 8000, healAt: 9000 } as const
    const kill = { ...KILL, at: 14_000, healAt: 17_000 }
    const events = [look(8900, true, 8850), look(17_010, false, 16_950), look(17_200, true, 17_100)]
    const gone = { from: 14_020, to: 17_500, how: 'refused', node: 'data-plane-1' } as const
    expect(analyse(historyOf({ events, faults: [slow, kill], trouble: [gone], seconds: 30 })).earlyCalls).toEqual([])
  })

  test('a call to a node that goes down, before the balancer noticed, is none', () => {
    expect(analyse(historyOf({ events: [look(8100, false, 8050), look(8300, false, 8200)] })).earlyCalls).toEqual([])
  })

  test('a call lost on a node that is not ready is early by the balancer’s log', () => {
    const gone = { from: 8020, to: 16_200, how: 'refused', node: 'data-plane-1' } as const
    const events = [look(14_500, false, 14_400), look(16_200, true, 16_100)]
    const balancerCalls = [
      {
        requestId: 'r-kept-alive-2901',
        node: 'data-plane-1',
        termination: 'SC--',
        retries: 0,
        status: 503,
        from: 14_605,
        to: 14_606,
      },
    ]
    expect(analyse(historyOf({ events, trouble: [gone], balancerCalls })).earlyCalls).toEqual([
      { node: 'data-plane-1', at: 14_605, notReadyAt: 16_100, lane: 'kept-alive' },
    ])
  })
})

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
