import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import type { LaneAnalysis } from '../analysis/analysis.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import { judge } from './judge.ts'

const history = historyOf({ trouble: [{ from: 9000, to: 9500, how: 'refused' }] })

/** The same outage on two lanes, whose calls met other gateways. */
const culpritWhere = (met: Readonly<Record<string, readonly string[]>>): string | undefined => {
  const analysis = analyse(history)
  const lanes = analysis.lanes.map((lane): LaneAnalysis => {
    const nodes = met[lane.lane]
    if (!nodes || !lane.judged) return lane
    const lostByNode = Object.fromEntries(nodes.map((node) => [node, 10]))
    return {
      ...lane,
      outages: lane.outages.map((each) => ({ ...each, nodes })),
      judged: { ...lane.judged, lostByNode },
    }
  })
  return judge(history, { ...analysis, lanes }).findings.find(({ objective }) => objective === 'fullOutage')?.culprit
}

test('whom a full outage’s calls did not meet on its own lane, and those of another lane did, is named too', () => {
  expect(culpritWhere({ 'kept-alive': ['data-plane-1'], 'new-connections': ['data-plane-2'] })).toBe(
    'data-plane-1, data-plane-2',
  )
  expect(culpritWhere({ 'kept-alive': ['data-plane-1'], 'new-connections': ['data-plane-1'] })).toBe('data-plane-1')
})
