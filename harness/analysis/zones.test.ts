import { expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { historyOf } from './history.fixture.ts'

test('a zone has what its gateways have, and loses what joins to them', () => {
  const { zones, nodes } = analyse(
    historyOf({ trouble: [{ from: 9000, to: 9500, how: 'wrong', node: 'data-plane-2' }] }),
  )
  expect(zones.map(({ zone, nodes: names }) => [zone, names])).toEqual([
    ['a', ['data-plane-1', 'data-plane-3']],
    ['b', ['data-plane-2']],
  ])
  const of = (name: string) => nodes.find(({ node }) => node === name)
  expect(zones[0]?.answered.steady).toBe(
    (of('data-plane-1')?.answered.steady ?? 0) + (of('data-plane-3')?.answered.steady ?? 0),
  )
  expect(zones.map(({ lost }) => lost)).toEqual([
    { steady: 0, disturbed: 0, recovered: 0 },
    { steady: 0, disturbed: 68, recovered: 0 },
  ])
  expect(zones[1]?.latency.steady).toEqual(of('data-plane-2')?.latency.steady)
  expect(zones[0]?.latency.steady?.count).toBe(
    (of('data-plane-1')?.latency.steady?.count ?? 0) + (of('data-plane-3')?.latency.steady?.count ?? 0),
  )
})
