// Lanes whose rate changes while they run: everything that a rate decides goes by the rate of then.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ramp } from '../history/schedule.ts'
import { judge } from '../verdict/judge.ts'
import { analyse } from './analyse.ts'
import type { LaneAnalysis } from './analysis.ts'
import { type Broken, historyOf, type Trouble } from './history.fixture.ts'

const rampedHistory = (
  ramps: readonly Ramp[],
  trouble: readonly Trouble[] = [],
  more: { rate?: number; faults?: Broken[] } = {},
) =>
  historyOf({
    isDrawn: true,
    lanes: [
      { lane: 'kept-alive', purpose: 'callers', ramps },
      { lane: 'control', purpose: 'control', ramps },
    ],
    trouble,
    rate: 100,
    ...more,
  })
const callers = ({ lanes }: { lanes: readonly LaneAnalysis[] }): LaneAnalysis => {
  const found = lanes.find(({ purpose }) => purpose === 'callers')
  if (!found) throw new Error('there is no lane of callers')
  return found
}

/** From 100 to 400 calls a second between 6.1 and 8.1 s; the fault of the fixture is at 8 s. */
const UP: Ramp = { index: 600, to: 400, overMs: 2000 }
/** From 100 to 25. */
const DOWN: Ramp = { index: 600, to: 25, overMs: 2000 }

test('how long is too long for chance goes by the rate there was, not by a lower one of later', () => {
  const out: readonly Trouble[] = [
    { from: 9000, to: 9500, how: 'refused' },
    { from: 8000, to: 12_000, how: 'refused', share: 0.9 },
  ]
  const fullOf = (ramps: readonly Ramp[]) =>
    callers(analyse(rampedHistory(ramps, out))).outages.filter(({ kind }) => kind === 'full').length
  expect(fullOf([])).toBeGreaterThan(0)
  expect(fullOf([{ index: 2000, to: 5, overMs: 1000 }])).toBe(fullOf([]))
})

test('a ramp to the rate that there is already changes nothing', () => {
  const seeds = fc.integer({ min: 1, max: 1000 })
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 50, max: 900 }),
      fc.integer({ min: 0, max: 20_000 }),
      (seed, lengthMs, overMs) => {
        const trouble: readonly Trouble[] = [{ from: 9000, to: 9000 + lengthMs, how: 'refused', share: 0.9 }]
        const spec = { seed, seconds: 18, rate: 200, isDrawn: true, trouble }
        const lanes = [
          { lane: 'kept-alive', purpose: 'callers' },
          { lane: 'control', purpose: 'control' },
        ] as const
        const ramps = [{ index: 1500, to: 200, overMs }]
        const plain = callers(analyse(historyOf({ ...spec, lanes })))
        const { schedule, ...ramped } = callers(
          analyse(historyOf({ ...spec, lanes: lanes.map((lane) => ({ ...lane, ramps })) })),
        )
        expect(schedule?.ramps).toEqual(ramps)
        const close = (value: unknown): unknown => {
          if (typeof value === 'number') return expect.closeTo(value, 3)
          if (Array.isArray(value)) return value.map(close)
          if (value === null || typeof value !== 'object') return value
          return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, close(each)]))
        }
        const outages = ramped.outages.map(({ floorMs, ...outage }) => outage)
        // By the clock there is no window of a length that the lane is as long as.
        expect({ ...ramped, outages }).toEqual(close(plain))
      },
    ),
    { numRuns: 4, examples: [[1, 50, 6547]] },
  )
})

test('where calls come four times as far apart, the gaps between their answers are no outages', () => {
  const analysis = analyse(rampedHistory([DOWN]))
  expect(analysis.lanes.flatMap(({ outages }) => outages)).toEqual([])
  expect(analysis.disturbances).toEqual([])
  expect(callers(analysis).floorMs).toBe(120)
})

test('at four times the rate shorter outages are seen, down to the gaps that were usual before', () => {
  const at = (ramps: readonly Ramp[]) =>
    callers(analyse(rampedHistory(ramps, [{ from: 9000, to: 9022, how: 'refused' }]))).outages.filter(
      ({ kind }) => kind === 'full',
    )
  expect(at([]).length).toBe(0)
  expect(at([UP])).toMatchObject([{ nature: 'hard', floorMs: expect.closeTo(20, -1) }])
})

test('an outage that its limit allows passes, though the lane could not have seen it at its lowest rate', () => {
  const history = rampedHistory([UP], [{ from: 9000, to: 9022, how: 'refused' }])
  const demand = { fullOutage: '28ms', lostCalls: 100 }
  const claimed = {
    ...history,
    events: history.events.map((each) => (each.kind === 'claim' ? { ...each, demand } : each)),
  }
  const { findings } = judge(claimed, analyse(claimed))
  expect(findings.find(({ objective }) => objective === 'fullOutage')).toMatchObject({
    outcome: 'pass',
    measured: expect.closeTo(24, -1),
  })
})

test('lost calls stand for the time that they were apart by then: in an outage, in bad time and in lost time', () => {
  const trouble: readonly Trouble[] = [{ from: 12_000, to: 13_000, how: 'refused' }]
  const analysis = analyse(rampedHistory([UP], trouble))
  const { outages, errorBudgets, judged, worstWindows } = callers(analysis)
  expect(judged?.lost).toBeCloseTo(400, -1)
  expect(outages[0]?.lossDerivedMs).toBeCloseTo(1000, -1.2)
  expect(errorBudgets[0]?.badMs).toBeCloseTo(1000, -1.2)
  expect(judged?.lostMs).toBeCloseTo(1000, -1.2)
  const [second] = worstWindows.filter(({ lengthMs }) => lengthMs === 1000)
  expect(second?.of).toBeCloseTo(400, -1)
  expect(second?.availability).toBeLessThan(0.01)
  expect(second?.from).toBeCloseTo(12_000, -1.2)
})

test('in the middle of a ramp as well', () => {
  const trouble: readonly Trouble[] = [{ from: 6500, to: 7500, how: 'refused' }]
  const { outages, errorBudgets } = callers(analyse(rampedHistory([UP], trouble)))
  expect(outages[0]?.length.point).toBeCloseTo(1000, -1.5)
  expect(outages[0]?.lossDerivedMs).toBeCloseTo(1000, -1.5)
  expect(errorBudgets[0]?.badMs).toBeCloseTo(1000, -1.5)
})

test('partial outages, bursts and brown-outs keep their edges', () => {
  const trouble: readonly Trouble[] = [
    { from: 10_000, to: 12_000, how: 'refused', share: 0.3 },
    { from: 16_000, to: 18_000, how: 'slow', slowMs: 40 },
  ]
  const { outages, errorBursts, brownOuts } = callers(analyse(rampedHistory([UP], trouble)))
  const [partial] = outages.filter(({ kind }) => kind === 'partial')
  expect([partial?.from, partial?.to].map((ms) => Math.round((ms ?? 0) / 100))).toEqual([100, 120])
  expect(errorBursts).toHaveLength(1)
  expect(brownOuts.map(({ from, to }) => [Math.round(from / 100), Math.round(to / 100)])).toEqual([[160, 180]])
})

test('what a frozen node may cost goes by the highest rate until it is ejected', () => {
  const frozen: Broken = { kind: 'pause', targets: ['data-plane-1'], at: 8000, healAt: 14_000 }
  const allowed = (ramps: readonly Ramp[]) => {
    const history = rampedHistory(ramps, [], { faults: [frozen] })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'lostCalls')?.default
  }
  // 100 or 400 calls a second, a third of them, for the predicted ejection and the deadline.
  expect(Number(allowed([UP])) / Number(allowed([]))).toBeCloseTo(4, 1)
  expect(Number(allowed([{ ...DOWN, index: 100, overMs: 0 }])) / Number(allowed([]))).toBeCloseTo(0.25, 1)
  expect(allowed([{ index: 2000, to: 400, overMs: 0 }])).toBe(allowed([]))
})

test('a control lane that stayed behind when the callers’ rate rose is too thin', () => {
  const history = historyOf({
    rate: 100,
    lanes: [
      { lane: 'kept-alive', purpose: 'callers', ramps: [UP] },
      { lane: 'control', purpose: 'control' },
    ],
  })
  expect(analyse(history).doubts.map(({ because }) => because)).toEqual([
    "The control lane ran at less than the busiest lane's 400 calls/s.",
  ])
})
