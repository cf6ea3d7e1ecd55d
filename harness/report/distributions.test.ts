import { describe, expect, test } from 'vitest'
import type { Analysis, FaultAnalysis, Timing } from '../analysis/analysis.ts'
import { distributionCells, distributionsOf, type Played } from './distributions.ts'

const killed = { id: 'F1', kind: 'kill', targets: ['data-plane-1'], intendedAt: 1000, inEffectAt: 1050, healedAt: 9000 }

const ejection = (tookMs: number, more: Partial<Timing> = {}): Timing => ({
  measure: 'ejection',
  of: 'data-plane-1',
  at: 'callers-balancer',
  faultId: 'F1',
  took: { point: tookMs, min: tookMs - 5, max: tookMs + 5 },
  censored: false,
  predictedMaxMs: 1500,
  ...more,
})

const played = (repetition: number, timing: Timing, disturbances: Analysis['disturbances'] = []): Played => ({
  name: 'data-plane-failover',
  folder: `data-plane-failover.${repetition}`,
  analysis: { timings: [timing], faults: [killed as unknown as FaultAnalysis], nodes: [], disturbances },
  events: [],
})

const STALL = {
  source: 'own stall',
  window: [1500, 2000],
  because: 'it slept',
  isSerious: true,
  isStandstill: true,
} as const

describe('a drill that was played many times', () => {
  test('says how long ejection took, beside what the settings predict', () => {
    const [only, ...others] = distributionsOf([1, 2, 3].map((k) => played(k, ejection(400 * k))))
    expect(others).toEqual([])
    expect(only).toMatchObject({
      scenario: 'data-plane-failover',
      measure: 'ejection',
      fault: 'kill',
      by: 'callers-balancer',
      n: 3,
      p50: { value: 800 },
      max: 1200,
      predictedMaxMs: 1500,
      outcome: 'pass',
      outside: [],
    })
  })

  test('fails by a time that lies outside of the prediction with all of its bounds', () => {
    const [only] = distributionsOf([played(1, ejection(400)), played(2, ejection(1506)), played(3, ejection(1504))])
    expect(only?.outcome).toBe('fail')
    expect(only?.outside.map(({ because }) => because)).toEqual([
      'data-plane-failover.2: ejection of data-plane-1 by callers-balancer took 1.51 s, where its settings predict at most 1.50 s.',
    ])
  })

  test('fails by one that was shorter than the settings allow', () => {
    const [only] = distributionsOf([played(1, ejection(400)), played(2, ejection(90, { predictedMinMs: 100 }))])
    expect(only?.outside).toMatchObject([{ folder: 'data-plane-failover.2', outcome: 'fail' }])
  })

  test('is in doubt where the machine stood still meanwhile', () => {
    const [only] = distributionsOf([played(1, ejection(400)), played(2, ejection(2000), [STALL])])
    expect(only?.outcome).toBe('inconclusive')
    const [other] = distributionsOf([
      played(1, ejection(400)),
      played(2, ejection(2000), [{ ...STALL, window: [5000, 5400] }]),
    ])
    expect(other?.outcome).toBe('fail')
  })

  test('is in no doubt where it stood still for less than the time lies outside', () => {
    const stalls = Array.from({ length: 20 }, (_, i) => ({
      ...STALL,
      window: [1500 + 300 * i, 1503 + 300 * i] as const,
      isSerious: false,
    }))
    const outcomeOf = (tookMs: number) =>
      distributionsOf([1, 2].map((k) => played(k, ejection(tookMs), stalls))).map(({ outcome }) => outcome)
    expect(outcomeOf(8000)).toEqual(['fail'])
    // By 10 ms, and four of them were in it.
    expect(outcomeOf(1515)).toEqual(['inconclusive'])
  })

  test('holds a gateway to when its balancer trusted it again, and not to its first call', () => {
    const cutOff = { ...killed, kind: 'isolate', healedAt: 9000, clearBounds: [9000, 9020] } as unknown as FaultAnalysis
    const gateway = { node: 'data-plane-1', role: 'data-plane' } as Analysis['nodes'][number]
    const back = (trustedAt: number | null, more: Partial<Timing> = {}): Played => {
      const at = { kind: 'rotation', balancer: 'callers-balancer', backend: 'gateways', node: 'data-plane-1' } as const
      const took = { point: 900, min: 900, max: 900 }
      const { analysis, ...known } = played(1, {
        ...ejection(0),
        measure: 'readmission',
        took,
        predictedMaxMs: 805,
        ...more,
      })
      return {
        ...known,
        analysis: { ...analysis, faults: [cutOff], nodes: [gateway] },
        events:
          trustedAt === null
            ? []
            : [
                { ...at, at: 2000, lastLookAt: 1890, was: 'in', state: 'out' },
                { ...at, at: trustedAt, lastLookAt: trustedAt - 110, was: 'out', state: 'in' },
              ],
      }
    }
    const [soon] = distributionsOf([back(9700), back(9880)])
    expect(soon).toMatchObject({ outcome: 'pass', max: 815, predictedMaxMs: 805 })
    const [late] = distributionsOf([back(9700), back(17_000)])
    expect(late).toMatchObject({ outcome: 'fail' })
    expect(late?.outside.map(({ because }) => because)).toEqual([
      'data-plane-failover.1: readmission of data-plane-1 by callers-balancer took 7.9 s, where its settings predict at most 805 ms.',
    ])
    // Nobody saw it: it may have been trusted long before.
    expect(distributionsOf([back(null), back(null)])).toMatchObject([{ outcome: 'pass', max: 900 }])
    const never = { took: { point: 9000, min: 9000, max: 9000 }, censored: true }
    expect(distributionsOf([back(9700), back(null, never)])).toMatchObject([{ outcome: 'fail', censored: 1 }])
  })

  test('counts a wait that ended first as longer than all, and outside only beyond the prediction', () => {
    const [soon] = distributionsOf([played(1, ejection(400)), played(2, ejection(1000, { censored: true }))])
    expect(soon).toMatchObject({ censored: 1, max: Infinity, outcome: 'pass' })
    const [late] = distributionsOf([played(1, ejection(400)), played(2, ejection(9000, { censored: true }))])
    expect(late?.outside[0]?.because).toContain('did not come within 9.0 s')
  })

  test('is no distribution when it was played once', () => {
    expect(distributionsOf([played(1, ejection(400))])).toEqual([])
  })

  test('tells of what occurred in one of its playings only where that lies outside of the prediction', () => {
    const stopped = (repetition: number, tookMs: number, more: Partial<Timing> = {}): Played => {
      const { analysis, ...known } = played(repetition, ejection(tookMs, more))
      return { ...known, analysis: { ...analysis, faults: [{ ...killed, kind: 'stop' } as unknown as FaultAnalysis] } }
    }
    expect(distributionsOf([played(1, ejection(400)), stopped(2, 300)])).toEqual([])
    const [only, ...others] = distributionsOf([played(1, ejection(400)), stopped(2, 20_000, { predictedMaxMs: 3000 })])
    expect(others).toEqual([])
    expect(only).toMatchObject({ fault: 'stop', n: 1, p50: { low: null, high: null }, max: 20_000, outcome: 'fail' })
    expect(only?.outside.map(({ folder }) => folder)).toEqual(['data-plane-failover.2'])
    // One that a standstill explains is told of as well, as a doubt.
    const asleep = { ...stopped(2, 2000), ...{ analysis: { ...stopped(2, 2000).analysis, disturbances: [STALL] } } }
    expect(distributionsOf([played(1, ejection(400)), asleep])).toMatchObject([{ n: 1, outcome: 'inconclusive' }])
  })

  test('is one on each leg of a suite: legs of one stack have other settings', () => {
    const on = (part: string, repetition: number, tookMs: number): Played => ({
      ...played(repetition, ejection(tookMs)),
      stack: 'high-availability',
      part,
    })
    const first = { ...played(1, ejection(500)), stack: 'high-availability' }
    const once = [first, on('connections', 1, 200), on('vendor', 1, 9000)]
    expect(distributionsOf(once)).toEqual([])
    const many = [1, 2, 3].map((k) => on('distribution', k, 400 * k))
    const [only, ...others] = distributionsOf([...once, ...many])
    expect(others).toEqual([])
    expect(only).toMatchObject({ stack: 'high-availability', part: 'distribution', n: 3, max: 1200 })
    expect(only && distributionCells(only)[0]).toBe(
      'data-plane-failover on high-availability (distribution): ejection after kill, callers-balancer',
    )
  })

  test('tells the way back of a replacement from that of the node itself', () => {
    const back = (tookMs: number, more: Partial<Timing> = {}): Timing => ({
      ...ejection(tookMs, { ...more, predictedMaxMs: 1500 }),
      measure: 'readmission',
    })
    // The stall lies after the replacement listened, and long before the node was healed.
    const both = (k: number, tookMs: number): Played => {
      const { analysis, ...known } = played(k, back(200 * k), [STALL])
      return {
        ...known,
        analysis: { ...analysis, timings: [...analysis.timings, back(tookMs, { isReplacement: true })] },
      }
    }
    const [own, replacements, ...others] = distributionsOf([both(1, 700), both(2, 2000)])
    expect(others).toEqual([])
    expect(own).toMatchObject({ n: 2, max: 400, outside: [] })
    expect(own).not.toHaveProperty('isReplacement')
    expect(replacements).toMatchObject({ n: 2, max: 2000, isReplacement: true, outcome: 'inconclusive' })
    expect(replacements?.outside.map(({ because }) => because)).toEqual([
      expect.stringContaining('readmission of the replacement of data-plane-1 by callers-balancer took 2.0 s'),
    ])
    expect(replacements && distributionCells(replacements)[0]).toBe(
      'data-plane-failover: readmission of the replacement after kill, callers-balancer',
    )
  })
})
