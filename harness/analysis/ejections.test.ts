import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Event, FAULT_KINDS } from '../history/event.ts'
import { dropWaitMs, leastVainMs } from '../topology/check.ts'
import { analyse } from './analyse.ts'
import { type Broken, type HistorySpec, historyOf, KILL, opinion } from './history.fixture.ts'
import { predictedEjectionMs } from './predictions.ts'
import { DRAINED_AND_RESTARTED, timingsOf } from './timings.fixture.ts'

/** The fault's own events without the balancer's reaction. */
const UNNOTICED: HistorySpec = {
  without: ['rotation'],
  events: [opinion(3, 'data-plane-1', 'in', undefined, 2)],
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
    const [, restart] = timingsOf('ejection', {
      faults: DRAINED_AND_RESTARTED,
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

test('a wait for a drop that ran out was always in vain, whatever the fault and the checks', () => {
  const ms = fc.nat({ max: 600_000 })
  const times = fc.integer({ min: 1, max: 50 })
  const check = fc.record({ interMs: ms, fastinterMs: ms, timeoutMs: ms, fall: times, rise: times })
  fc.assert(
    fc.property(fc.option(check, { nil: undefined }), fc.constantFrom(...FAULT_KINDS), (settings, kind) => {
      expect(dropWaitMs(settings)).toBeGreaterThanOrEqual(leastVainMs(predictedEjectionMs(kind, settings) ?? 0))
    }),
  )
})
