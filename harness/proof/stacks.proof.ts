// The other two deployments: what is claimed of the first one holds there too, scenario by scenario.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, summaryOf } from './run-drill.ts'

const FIRST_DRILL = ['control-plane-failover', 'control-plane-outage', 'data-plane-failover']

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each(['multi-zone', 'etcd'])('the scenarios of the first drill pass on %s', async (stack) => {
  const run = await drilled([...FIRST_DRILL, '--stack', stack, '--rerun-inconclusive', '3'])
  const { stack: drilledStack, scenarios } = await summaryOf(run)
  expect({
    exitCode: run.exitCode,
    stack: drilledStack,
    scenarios: scenarios.map(({ name, outcome }) => ({ name, outcome })),
  }).toEqual({ exitCode: 0, stack, scenarios: FIRST_DRILL.map((name) => ({ name, outcome: 'pass' })) })
})
