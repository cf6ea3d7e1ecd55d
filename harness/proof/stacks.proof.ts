// The other two deployments: what is claimed of the first one holds there too, scenario by scenario.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, summaryOf } from './run-drill.ts'

const CONTROL_PLANE = ['control-plane-failover', 'control-plane-outage']

interface Stack {
  readonly stack: string
  readonly names: readonly string[]
}

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each<Stack>([
  { stack: 'multi-zone', names: [...CONTROL_PLANE, 'data-plane-failover'] },
  // data-plane-failover is not proven where there are two gateways: see "Two lanes and two gateways" in DECISIONS.md.
  { stack: 'etcd', names: CONTROL_PLANE },
])('the scenarios of the first drill pass on $stack', async ({ stack, names }) => {
  const run = await drilled([...names, '--stack', stack, '--rerun-inconclusive', '3'])
  const { stack: drilledStack, scenarios } = await summaryOf(run)
  expect({
    exitCode: run.exitCode,
    stack: drilledStack,
    scenarios: scenarios.map(({ name, outcome }) => ({ name, outcome })),
  }).toEqual({ exitCode: 0, stack, scenarios: names.map((name) => ({ name, outcome: 'pass' })) })
})
