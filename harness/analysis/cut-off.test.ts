import { expect, test } from 'vitest'
import type { History } from '../history/history.ts'
import { judge } from '../verdict/judge.ts'
import { analyse } from './analyse.ts'
import type { Analysis, LaneAnalysis } from './analysis.ts'
import { type Broken, historyOf, type Trouble } from './history.fixture.ts'

const LANES = [
  { lane: 'kept-alive', purpose: 'callers' },
  { lane: 'kept-alive-b', purpose: 'callers', zone: 'b' },
  { lane: 'control', purpose: 'control' },
] as const

/** Zone b from 8 s to 14 s, its callers with it. */
const CUT: Broken = { kind: 'isolate', targets: ['data-plane-2', 'callers-b'], at: 8000, healAt: 14_000 }
const SILENCE: Trouble = { from: 8010, to: 14_010, how: 'unanswered', lanes: ['kept-alive-b'] }

const drilled = (trouble: readonly Trouble[], fault: Broken = CUT): History =>
  historyOf({ lanes: LANES, faults: [fault], trouble, isDrawn: true, demand: { fullOutage: '0ms', lostCalls: 0 } })
const laneB = ({ lanes }: Analysis): LaneAnalysis => {
  const found = lanes.find(({ lane }) => lane === 'kept-alive-b')
  if (!found) throw new Error('there is no lane in zone b')
  return found
}

test('callers who are cut off with their zone have no outage, and lose nothing that is held against the deployment', () => {
  const history = drilled([SILENCE])
  const analysis = analyse(history)
  const { outages, judged, errorBursts, worstWindows, cutOffs } = laneB(analysis)
  expect({ outages, lost: judged?.lost, errorBursts, worstWindows }).toEqual({
    outages: [],
    lost: 0,
    errorBursts: [],
    worstWindows: [],
  })
  expect(cutOffs).toEqual([
    {
      faultId: 'isolate-8000',
      window: [8000, 14_025],
      calls: 1205,
      answered: expect.closeTo(4, -1),
      answeredAgainMs: expect.closeTo(5, -1),
    },
  ])
  expect(judge(history, analysis)).toMatchObject({ outcome: 'pass' })
})

test('they are served as before when they are reached again, and not while nobody knows', () => {
  const { recoveries, timings } = analyse(drilled([SILENCE]))
  const returned = recoveries.find(({ lane }) => lane === 'kept-alive-b')
  expect(returned?.firstAnswer).toBeNull()
  expect(returned?.stable?.sinceFault.point).toBeGreaterThan(5900)
  expect(returned?.stable?.sinceFault.point).toBeLessThan(6200)
  const recovery = timings.find(({ measure, at }) => measure === 'recovery' && at === 'kept-alive-b')
  expect(recovery).toMatchObject({ censored: false })
  expect(recovery?.took.point).toBeLessThan(200)
})

test('they are answered again with the first answer, whichever of their calls it is to', () => {
  const slow: Trouble = { from: 14_010, to: 14_036, how: 'slow', slowMs: 700, lanes: ['kept-alive-b'] }
  const [cutOff] = laneB(analyse(drilled([SILENCE, slow]))).cutOffs ?? []
  expect(cutOff?.answeredAgainMs).toBeGreaterThan(10)
  expect(cutOff?.answeredAgainMs).toBeLessThan(30)
  const never = laneB(analyse(drilled([{ ...SILENCE, to: 40_000 }]))).cutOffs ?? []
  expect(never.map(({ answeredAgainMs }) => answeredAgainMs)).toEqual([null])
})

test('the same silence is an outage where the fault did not hit the callers', () => {
  const history = drilled([SILENCE], { ...CUT, targets: ['data-plane-2'] })
  const analysis = analyse(history)
  expect(laneB(analysis).outages[0]?.length.point).toBeGreaterThan(5900)
  expect(laneB(analysis).cutOffs).toBeUndefined()
  expect(judge(history, analysis)).toMatchObject({ outcome: 'fail' })
})

test('other callers are held to everything while a zone is cut off', () => {
  const history = drilled([SILENCE, { from: 9000, to: 9500, how: 'refused', lanes: ['kept-alive'] }])
  const analysis = analyse(history)
  expect(analysis.lanes.map(({ lane, outages }) => [lane, outages.length])).toEqual([
    ['kept-alive', 1],
    ['kept-alive-b', 0],
    ['control', 0],
  ])
  expect(judge(history, analysis)).toMatchObject({ outcome: 'fail' })
})

test('callers who stay without an answer once their zone is reached again are the deployment’s, from a second on', () => {
  const analysis = analyse(drilled([{ ...SILENCE, to: 17_025 }]))
  const [outage] = laneB(analysis).outages
  expect(outage?.to).toBeCloseTo(17_025, -2)
  expect(outage?.length.point).toBeCloseTo(2000, -2)
  expect(analyse(drilled([{ ...SILENCE, to: 14_900 }])).lanes.flatMap(({ outages }) => outages)).toEqual([])
})

test.each(['wrong', 'refused'] as const)(
  'calls that are %s once their zone is reached again are lost: whoever says so was reached',
  (how) => {
    const history = drilled([SILENCE, { from: 14_010, to: 14_900, how, lanes: ['kept-alive-b'] }])
    const analysis = analyse(history)
    expect(laneB(analysis).judged?.lost).toBeGreaterThan(165)
    expect(judge(history, analysis)).toMatchObject({ outcome: 'fail' })
  },
)

test('an answer to callers who are cut off shows that they were not, and nothing is proven', () => {
  const history = drilled([{ ...SILENCE, share: 0.99 }])
  const analysis = analyse(history)
  expect(analysis.doubts.map(({ about, because }) => [about, because])).toEqual([
    [
      'cut off',
      expect.stringMatching(/^isolate of callers-b: \d+ calls of lane kept-alive-b were answered although nothing was/),
    ],
  ])
  expect(judge(history, analysis)).toMatchObject({ outcome: 'inconclusive' })
})

test('a stall of the generator in a zone excuses the lanes of that zone and no others', () => {
  const stall = { kind: 'generator-stall', at: 9300, stallMs: 300, zone: 'b' } as const
  const trouble = LANES.map(({ lane }): Trouble => ({ from: 9000, to: 9300, how: 'stall', lanes: [lane] })).slice(0, 2)
  const { lanes } = analyse(historyOf({ lanes: LANES, trouble, isDrawn: true, events: [stall] }))
  expect(lanes.map(({ lane, outages }) => [lane, outages.length])).toEqual([
    ['kept-alive', 1],
    ['kept-alive-b', 0],
    ['control', 0],
  ])
})

test('what the control lane suffered from its own generator says nothing of callers in a zone', () => {
  const stall = { kind: 'generator-stall', at: 9300, stallMs: 300 } as const
  const trouble = LANES.map(({ lane }): Trouble => ({ from: 9000, to: 9300, how: 'stall', lanes: [lane] }))
  const { lanes } = analyse(historyOf({ lanes: LANES, trouble, isDrawn: true, events: [stall] }))
  expect(lanes.map(({ lane, outages }) => [lane, outages.length])).toEqual([
    ['kept-alive', 0],
    ['kept-alive-b', 1],
    ['control', 0],
  ])
})

test('the clock that is known worst says how far events and calls may be apart', () => {
  const clock = { kind: 'clock', at: 2, sameKernel: false, offsetMs: 3, errorMs: 80, zone: 'b' } as const
  const exact = { kind: 'clock', at: 3, sameKernel: true, offsetMs: 0, errorMs: 0, zone: 'c' } as const
  const { doubts } = analyse(historyOf({ lanes: LANES, events: [clock, exact] }))
  expect(doubts.map(({ about, because }) => [about, because])).toEqual([
    ['clock', expect.stringContaining('known to 80 ms only')],
  ])
})
