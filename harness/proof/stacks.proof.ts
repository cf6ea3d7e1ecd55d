// The other two deployments: the failover tests of the vendor's page hold there too, and a member of the config store is lost.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, summaryOf } from './run-drill.ts'

/** `npm run drill -- --stack S` plays the other quick ones too; these two are the page's own tests. */
const FAILOVER_TESTS = ['control-plane-failover', 'data-plane-failover']

const PLAYED: readonly [stack: string, scenarios: readonly string[]][] = [
  ['multi-zone', FAILOVER_TESTS],
  ['etcd', ['config-store-member-lost', ...FAILOVER_TESTS]],
]

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each(PLAYED)('the failover tests of %s pass', async (stack, names) => {
  const run = await drilled([...names, '--stack', stack, '--rerun-inconclusive', '3'])
  const { stack: drilledStack, scenarios } = await summaryOf(run)
  expect({
    exitCode: run.exitCode,
    stack: drilledStack,
    scenarios: scenarios.map(({ name, outcome }) => ({ name, outcome })),
  }).toEqual({ exitCode: 0, stack, scenarios: names.map((name) => ({ name, outcome: 'pass' })) })
})
