import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import { historyOf, KILL } from './history.fixture.ts'

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

  test('nor while no control-plane node is trusted again: what that stands on, a database, may be the last to be back', () => {
    const events = [look(14_500, false, 14_400), look(15_200, true, 15_100)]
    const hung = { ...KILL, kind: 'pause' } as const
    const untrusted = (nodes: readonly string[]) => {
      const changes = nodes.flatMap((node) =>
        (['out', 'in'] as const).map((state): Event => {
          const at = state === 'out' ? 9000 : 14_300
          return {
            kind: 'rotation',
            balancer: 'control',
            backend: 'dp-managers',
            node,
            state,
            at,
            lastLookAt: at - 100,
          }
        }),
      )
      return analyse(historyOf({ events: [...events, ...changes], faults: [hung] })).earlyCalls.length
    }
    expect(untrusted(['control-plane-1', 'control-plane-2'])).toBe(0)
    expect(untrusted(['control-plane-1'])).toBeGreaterThan(0)
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
