import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import type { FaultAnalysis } from './analysis.ts'
import { judgedWindow, latencyWindow, phasesOf, settledWindow } from './phases.ts'

const fault = (intendedAt: number, clearedAt: number | null): FaultAnalysis => ({
  id: `kill-${intendedAt}`,
  kind: 'kill',
  targets: ['data-plane-1'],
  plannedDowntime: false,
  intendedAt,
  inEffectAt: intendedAt + 20,
  healedAt: clearedAt,
  clearedAt,
  wasSeen: true,
  evidence: [],
  doubts: [],
  healedBy: 'script',
})

const phasesWith = (...faults: readonly FaultAnalysis[]) => {
  const phases = phasesOf([100, 20_000], faults)
  return { ...phases, judged: judgedWindow(phases, faults, []) }
}

const admitted = (at: number): Event => ({
  kind: 'rotation',
  at,
  balancer: 'callers-balancer',
  backend: 'gateways',
  node: 'data-plane-1',
  state: 'in',
  was: 'out',
  lastLookAt: at - 100,
})

describe('what is judged', () => {
  const judgedWith = (end: number, ...events: readonly Event[]) => {
    const faults = [fault(5000, 8000)]
    return judgedWindow(phasesOf([100, end], faults), faults, events)
  }

  test('ends 10 s after the last fault cleared, also where a node was admitted soon after', () => {
    expect(judgedWith(40_000)).toEqual([5000, 18_000])
    expect(judgedWith(40_000, admitted(10_000))).toEqual([5000, 18_000])
  })

  test('ends 5 s after the last node was admitted, where a balancer took longer: what it loses as it comes back counts', () => {
    expect(judgedWith(40_000, admitted(27_000))).toEqual([5000, 32_000])
  })

  test('goes on to the end of a script that ends later, but for latencies, and not beyond the last call', () => {
    const ends = (at: number): Event => ({ kind: 'script', at, outcome: 'finished' })
    expect(judgedWith(40_000, ends(33_000))).toEqual([5000, 33_000])
    expect(judgedWith(40_000, ends(9000))).toEqual([5000, 18_000])
    expect(judgedWith(30_000, ends(33_000))).toEqual([5000, 30_000])
    const faults = [fault(5000, 8000)]
    expect(latencyWindow(phasesOf([100, 40_000], faults), faults, [ends(33_000)])).toEqual([5000, 18_000])
  })

  test('is wider by what the callers’ clock is not known to', () => {
    const clock: Event = { kind: 'clock', at: 1, sameKernel: false, offsetMs: 0, errorMs: 4 }
    expect(judgedWith(40_000, clock)).toEqual([4996, 18_004])
  })

  test('does not go on after the last call, and what was admitted before it cleared is no return', () => {
    expect(judgedWith(29_000, admitted(27_000))).toEqual([5000, 29_000])
    expect(judgedWith(40_000, admitted(7000))).toEqual([5000, 18_000])
  })
})

describe('phases', () => {
  test('without a fault everything is steady and nothing is judged apart', () => {
    expect(phasesWith()).toEqual({ steady: [100, 20_000], disturbed: null, recovered: null, judged: null })
  })

  test('several faults disturb from the first intent to the last clearing', () => {
    expect(phasesWith(fault(5000, 6000), fault(5500, 8000))).toEqual({
      steady: [100, 5000],
      disturbed: [5000, 8000],
      recovered: [8000, 20_000],
      judged: [5000, 18_000],
    })
  })

  test('a fault that never cleared disturbs to the end', () => {
    expect(phasesWith(fault(5000, 6000), fault(5500, null))).toEqual({
      steady: [100, 5000],
      disturbed: [5000, 20_000],
      recovered: null,
      judged: [5000, 20_000],
    })
  })

  test('a fault that cleared after the last call leaves nothing recovered, and the judged window runs on', () => {
    expect(phasesWith(fault(5000, 21_000))).toEqual({
      steady: [100, 5000],
      disturbed: [5000, 20_000],
      recovered: null,
      judged: [5000, 31_000],
    })
  })

  test('a fault before the first call leaves nothing steady', () => {
    expect(phasesWith(fault(50, 6000)).steady).toEqual([100, 100])
  })
})

describe('the settled part of the steady phase', () => {
  const phases = phasesOf([100, 20_000], [fault(12_000, 14_000)])
  const look = (at: number, ok = true): Event => ({ kind: 'steady', at, ok, checks: [] })

  test('begins 5 s before the first look that held', () => {
    expect(settledWindow(phases, [look(7000, false), look(9000), look(11_000)])).toEqual([4000, 12_000])
  })

  test('does not begin before the first call', () => {
    expect(settledWindow(phases, [look(3000)])).toEqual([100, 12_000])
  })

  test('is all of it where nobody looked before the first fault', () => {
    expect(settledWindow(phases, [look(15_000)])).toEqual([100, 12_000])
  })
})
