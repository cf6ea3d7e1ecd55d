import { describe, expect, test } from 'vitest'
import type { Lane } from '../history/call.ts'
import type { History } from '../history/history.ts'
import { judge } from '../verdict/judge.ts'
import { analyse } from './analyse.ts'
import type { Analysis, LaneAnalysis } from './analysis.ts'
import { type HistorySpec, historyOf, KILL, type Trouble, withOutcome } from './history.fixture.ts'

/** Every answer takes 100 ms, so that twenty calls of each lane are under way at any time. */
const SLOW: Trouble = { from: 0, to: 30_000, how: 'slow', slowMs: 100 }

const slowly = (...trouble: readonly Trouble[]): HistorySpec => ({
  trouble: [...trouble, SLOW],
  demand: { p99VsSteady: '2x' },
})

const keptAlive = ({ lanes }: Analysis): LaneAnalysis => {
  const found = lanes.find(({ lane }) => lane === 'kept-alive')
  if (!found) throw new Error('there is no lane kept-alive')
  return found
}

const steadyDoubts = (analysis: Analysis): readonly string[] =>
  analysis.doubts.filter(({ about }) => about === 'steady state').map(({ because }) => because)

/** The same, but that every call which was under way on its callers' lanes at an instant is cut off then. */
const cutOff = (history: History, instant: number): History => ({
  ...history,
  lanes: history.lanes.map((lane) => {
    if (lane.header.purpose !== 'callers') return lane
    const { t0, rate } = lane.header
    const latencyUs = lane.latencyUs.slice()
    return lane.latencyUs.reduce<Lane>(
      (cut, usualUs, i) => {
        const at = t0 + (i * 1000) / rate
        if (at >= instant || at + usualUs / 1000 < instant) return cut
        latencyUs[i] = (instant - at) * 1000
        return withOutcome(cut, i, 'connection-closed')
      },
      { ...lane, latencyUs },
    )
  }),
})

describe('what a fault does to calls that were under way', () => {
  test('is not what is usual: they waited for a second and a half, and everybody else for 100 ms', () => {
    const history = historyOf(slowly({ from: 7919, to: 9500, how: 'stall' }))
    const analysis = analyse(history)
    const { baseline, baselineOfAll, outages } = keptAlive(analysis)
    expect(baseline?.p99).toBeLessThan(110)
    expect(baselineOfAll?.max).toBeLessThan(110)
    expect(outages.map(({ length }) => length.min > 1200 && length.max < 1700)).toEqual([true])
    const [finding] = judge(history, analysis).findings.filter(({ objective }) => objective === 'p99VsSteady')
    expect(finding).toMatchObject({ outcome: 'fail' })
  })

  test('says nothing against the steady state, where they were cut off', () => {
    const history = cutOff(historyOf(slowly()), KILL.at)
    const analysis = analyse(history)
    expect(keptAlive(analysis).judged?.lost).toBeGreaterThanOrEqual(20)
    expect(steadyDoubts(analysis)).toEqual([])
  })
})

test('calls that were cut off say nothing against the steady state, also where the callers’ clock has it earlier than ours', () => {
  const doubtsWith = (errorMs: number): number => {
    const clock = { kind: 'clock', at: 2, sameKernel: false, offsetMs: 0, errorMs } as const
    const history = historyOf({ ...slowly(), events: [clock], without: ['clock'] })
    return steadyDoubts(analyse(cutOff(history, KILL.at - 2))).length
  }
  expect([doubtsWith(0), doubtsWith(4)]).toEqual([2, 0])
})

test('a fault that does nothing to calls under way takes none of them from what is usual', () => {
  const counts = (spec: HistorySpec) => keptAlive(analyse(historyOf(spec))).baselineOfAll?.count
  // From 2,000 ms, five seconds before the look that held, to the kill.
  expect(counts(slowly())).toBe(1200)
  expect(counts(slowly({ from: 8100, to: 9000, how: 'refused' }))).toBe(1200)
})

describe('what hung before a fault', () => {
  test('hung in steady state, and is seen there, though it hung until the fault was there', () => {
    const hung: Trouble = { from: 6500, to: 6520, how: 'unanswered' }
    const analysis = analyse(historyOf(slowly(hung)))
    expect(steadyDoubts(analysis)).toContainEqual(
      expect.stringMatching(/^Lane kept-alive was answered 11\d\d times in steady state, where 1\d\d\d calls were due/),
    )
    // No call less is known of than if nobody had hung: only those go that a fault may have met.
    expect(keptAlive(analysis).baselineOfAll?.count).toBe(keptAlive(analyse(historyOf(slowly()))).baselineOfAll?.count)
  })

  test('is seen also where nobody was answered any more', () => {
    const analysis = analyse(historyOf(slowly({ from: 6500, to: 9000, how: 'stall' })))
    expect(keptAlive(analysis).baselineOfAll?.p99).toBeGreaterThan(1990)
  })
})

test('where nothing was broken, every call is of steady state to the last', () => {
  const analysis = analyse(historyOf({ ...slowly(), faults: [] }))
  const { baselineOfAll, count } = keptAlive(analysis)
  // All but the lane's first second.
  expect(baselineOfAll?.count).toBe(count - 200)
})
