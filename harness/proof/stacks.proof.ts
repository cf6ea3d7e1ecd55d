// The other two deployments: failover tests of the vendor's pages hold there too, and a member of the config store is lost.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, summaryOf } from './run-drill.ts'
import { sampled } from './sample.ts'
import { expectAllPassed } from './unproven.ts'

const PLAYED: readonly (readonly [stack: string, scenarios: readonly string[]])[] = [
  ['multi-zone', sampled(['data-plane-failover'], ['control-plane-failover'])],
  ['etcd', sampled(['config-store-member-lost'], ['control-plane-failover', 'data-plane-failover'])],
]

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.for(PLAYED)('the failover tests of %s pass', async ([stack, names], context) => {
  const run = await drilled([...names, '--stack', stack, '--rerun-inconclusive', '2'])
  expect((await summaryOf(run)).stack).toBe(stack)
  await expectAllPassed(run, names, context)
})
