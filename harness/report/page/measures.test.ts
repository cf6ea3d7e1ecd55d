import { expect, test } from 'vitest'
import { analyse } from '../../analysis/analyse.ts'
import type { NodeAnalysis } from '../../analysis/analysis.ts'
import { historyOf } from '../../analysis/history.fixture.ts'
import { textOf } from './markup.ts'
import { balanceTable } from './measures.ts'

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
