// The other two deployments: what the vendor's page has tested on the first one holds there too.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, summaryOf } from './run-drill.ts'

/** `npm run drill -- --stack S` plays the other quick ones too; these two are the page's own tests. */
const FAILOVER_TESTS = ['control-plane-failover', 'data-plane-failover']

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each(['multi-zone', 'etcd'])('the failover tests pass on %s', async (stack) => {
  const run = await drilled([...FAILOVER_TESTS, '--stack', stack, '--rerun-inconclusive', '3'])
  const { stack: drilledStack, scenarios } = await summaryOf(run)
  expect({
    exitCode: run.exitCode,
    stack: drilledStack,
    scenarios: scenarios.map(({ name, outcome }) => ({ name, outcome })),
  }).toEqual({ exitCode: 0, stack, scenarios: FAILOVER_TESTS.map((name) => ({ name, outcome: 'pass' })) })
})
