import { expect, test } from 'vitest'
import { analyse } from '../../analysis/analyse.ts'
import type { NodeAnalysis } from '../../analysis/analysis.ts'
import { historyOf } from '../../analysis/history.fixture.ts'
import { textOf } from './markup.ts'
import { balanceTable, errorTable, latencyTable } from './measures.ts'
import { lostIn } from './series-data.ts'

test('a node has its share among the nodes of its role: Dashboards take nothing from gateways', () => {
  const analysis = analyse(historyOf())
  const nodes = analysis.nodes.slice(0, 3).map((node, i): NodeAnalysis => {
    const calls = [300, 100, 50][i] ?? 0
    return {
      ...node,
      role: i < 2 ? 'data-plane' : 'control-plane',
      answered: { steady: calls, disturbed: calls, recovered: calls },
    }
  })
  const shares = textOf(balanceTable({ ...analysis, nodes })).matchAll(/\d+ \((\d+) %\)/g)
  expect([...shares].map(([cell]) => cell)).toEqual([
    ...['300 (75 %)', '300 (75 %)', '300 (75 %)'],
    ...['100 (25 %)', '100 (25 %)', '100 (25 %)'],
    ...['50 (100 %)', '50 (100 %)', '50 (100 %)'],
  ])
})

test('calls that were held back in an outage are lost in every table, as they are in the finding', () => {
  const analysis = analyse(
    historyOf({
      trouble: [
        { from: 9000, to: 9400, how: 'unanswered' },
        { from: 9400, to: 9600, how: 'shed' },
      ],
    }),
  )
  const [lane] = analysis.lanes
  if (!lane) throw new Error('a run without lanes')
  const disturbed = lane.phases.find(({ phase }) => phase === 'disturbed')
  expect([lostIn(lane), lane.judged?.lost]).toEqual([120, 120])
  expect(lane.errorClasses).toEqual({ deadline: 80, shed: 40 })
  expect(disturbed).toMatchObject({ counts: { unanswered: 80, unsent: 40 }, heldBack: 40 })
  expect(textOf(errorTable(analysis))).toContain('<td>held back</td>')
  expect(textOf(latencyTable(analysis))).toContain('40 (40 held back, lost)')
})

test('calls that were held back while others were answered are doubt about us, and lost in no table', () => {
  const [lane] = analyse(historyOf({ trouble: [{ from: 9000, to: 9400, how: 'shed', share: 0.2 }] })).lanes
  expect(lane?.phases.some(({ counts }) => counts.unsent > 0)).toBe(true)
  expect([lane && lostIn(lane), lane?.errorClasses]).toEqual([0, {}])
})
