import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import { type Broken, held, historyOf, KILL, opinion, type Trouble } from './history.fixture.ts'
import { DRAINED_AND_RESTARTED, timingsOf } from './timings.fixture.ts'

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

  test('of a gateway that answers and leaves again lasts until it answers to stay, and no later', () => {
    const gone = (from: number, to: number): Trouble => ({ from, to, how: 'refused', node: 'data-plane-1' })
    const until = (faults: readonly Broken[], left: number, back: number) =>
      timingsOf('readmission', {
        faults,
        without: ['rotation'],
        events: [
          opinion(3, 'data-plane-1', 'in', 'in'),
          opinion(8950, 'data-plane-1', 'out', 'in'),
          opinion(15_000, 'data-plane-1', 'in', 'out'),
          opinion(left, 'data-plane-1', 'out', 'in'),
          opinion(back, 'data-plane-1', 'in', 'out'),
        ],
        trouble: [gone(8020, 15_000), gone(left, back)],
        seconds: 40,
      }).find(({ faultId }) => faultId === 'kill-8000')?.took.point ?? 0
    // The heal is done at 14,010 ms.
    expect(until([KILL], 16_000, 21_000)).toBeGreaterThan(6900)
    expect(until([KILL], 16_000, 21_000)).toBeLessThan(7100)
    expect(until([KILL], 26_000, 31_000)).toBeLessThan(1100)
    // What is broken next may have put it out, unless it is another gateway: of that it needs nothing.
    const next = (node: string): Broken => ({ kind: 'stop', targets: [node], at: 15_500, healAt: 20_500 })
    expect(until([KILL, next('control-plane-1')], 16_000, 21_000)).toBeLessThan(1100)
    expect(until([KILL, next('data-plane-2')], 16_000, 21_000)).toBeGreaterThan(6900)
  })

  const STOP = { ...KILL, kind: 'stop', targets: ['control-plane-1'] } as const

  test('of a node that is trusted and dropped again lasts until it is trusted to stay, and no later', () => {
    const after = (faults: readonly Broken[], ...later: readonly Event[]) =>
      timingsOf('readmission', { faults, events: [held(5, 'in'), held(9000, 'out', 'in'), ...later] })
        .filter(({ faultId }) => faultId === 'stop-8000')
        .map(({ took, censored }) => [censored, took.point])
    const until = (...later: readonly Event[]) => after([STOP], ...later)
    const flapping = [held(15_000, 'in', 'out'), held(16_000, 'out', 'in')]
    expect(until(...flapping, held(18_000, 'in', 'out'))).toEqual([[false, 3940]])
    expect(until(held(15_000, 'in', 'out'), held(26_000, 'out', 'in'), held(29_000, 'in', 'out'))).toEqual([
      [false, 940],
    ])
    expect(until(...flapping)).toEqual([[true, expect.any(Number)]])
    const next = (node: string): Broken => ({ kind: 'stop', targets: [node], at: 15_500, healAt: 17_500 })
    expect(after([STOP, next('database-1')], ...flapping)).toEqual([[false, 940]])
    expect(after([STOP, next('control-plane-2')], ...flapping)).toEqual([[true, expect.any(Number)]])
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
    const predictedOf = (of: readonly Broken[]) =>
      timingsOf('readmission', { faults: of }).map((timing) => timing.predictedMaxMs)
    expect(timingsOf('readmission', { faults: DRAINED_AND_RESTARTED }).map((timing) => timing.faultId)).toEqual([
      'drain-8000',
    ])
    // How long it takes to start is no setting of the balancer's.
    expect([predictedOf(DRAINED_AND_RESTARTED), predictedOf(DRAINED_AND_RESTARTED.slice(0, 1))]).toEqual([
      [undefined],
      [expect.any(Number)],
    ])
  })
})

test('a hung gateway that is slow besides is not held out by that: its readmission counts from when it goes on', () => {
  const slow = { kind: 'slow', targets: ['data-plane-1'], at: 8000, healAt: 25_000, id: 'slow' } as const
  const hung = { kind: 'pause', targets: ['data-plane-1'], at: 10_000, healAt: 14_000, id: 'pause' } as const
  const gone = { from: 10_000, to: 19_000, how: 'unanswered', node: 'data-plane-1' } as const
  const timings = timingsOf('readmission', { faults: [slow, hung], trouble: [gone] })
  expect(timings.find(({ faultId }) => faultId === 'pause')?.took.point).toBeGreaterThan(4500)
})
