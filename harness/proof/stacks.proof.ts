// The other two deployments: the failover tests of the vendor's page hold there too, and a member of the config store is lost.
import { afterEach, expect, test } from 'vitest'
import { allPassed, drilled, leftBehind, outcomesOf, summaryOf } from './run-drill.ts'

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
  expect(await outcomesOf(run)).toEqual(allPassed(names))
  expect((await summaryOf(run)).stack).toBe(stack)
})
