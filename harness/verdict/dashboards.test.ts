import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import type { Analysis } from '../analysis/analysis.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import type { RotationState } from '../topology/check.ts'
import type { Case } from './case.ts'
import { dashboards } from './dashboards.ts'

/** How often each node answered the operator, and what the balancer thought of both. */
const judged = (answers: readonly [number, number], state: RotationState = 'in') => {
  const history = historyOf()
  const analysis = analyse(history)
  const [some] = analysis.nodes
  const nodes: Analysis['nodes'] = answers.flatMap((steady, i) =>
    some
      ? [
          {
            ...some,
            node: `control-plane-${i + 1}`,
            role: 'control-plane',
            answered: { steady, disturbed: 0, recovered: 0 },
          },
        ]
      : [],
  )
  const rotation = nodes.map(({ node }, i) => ({
    balancer: 'control-plane-balancer',
    backend: 'dashboards',
    node,
    state: i === 0 ? ('in' as const) : state,
    from: 0,
    to: 30_000,
  }))
  const of: Case = {
    history,
    analysis: { ...analysis, nodes, rotation },
    demand: {},
    settings: null,
    window: [0, 30_000],
  }
  return dashboards(of, 2)
}

test('two nodes that both answer the operator pass', () => {
  expect(judged([60, 58])).toMatchObject({ outcome: 'pass', measured: 2 })
})

test('a node that never answers, though its balancer trusts it, is the balancer’s', () => {
  expect(judged([118, 0])).toMatchObject({ outcome: 'fail', measured: 1, culprit: 'control-plane-balancer' })
})

test('a node that never answers, and that nobody trusts, is to blame itself', () => {
  expect(judged([118, 0], 'out')).toMatchObject({ outcome: 'fail', culprit: 'control-plane-2' })
})

test('a handful of answers says nothing', () => {
  expect(judged([20, 0]).outcome).toBe('inconclusive')
})
