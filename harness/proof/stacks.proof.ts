// The other two deployments: failover tests of the vendor's pages hold there too, and a member of the config store is lost.
import { afterEach, expect, test } from 'vitest'
import { allPassed, drilled, leftBehind, outcomesOf, summaryOf } from './run-drill.ts'
import { sampled } from './sample.ts'

const PLAYED: readonly (readonly [stack: string, scenarios: readonly string[]])[] = [
  ['multi-zone', sampled(['data-plane-failover'], ['control-plane-failover'])],
  ['etcd', sampled(['config-store-member-lost'], ['control-plane-failover', 'data-plane-failover'])],
]

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each(PLAYED)('the failover tests of %s pass', async (stack, names) => {
  const run = await drilled([...names, '--stack', stack, '--rerun-inconclusive', '3'])
  expect(await outcomesOf(run)).toEqual(allPassed(names))
  expect((await summaryOf(run)).stack).toBe(stack)
})
