import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { drillFlags } from './flags.ts'

const file = join(mkdtempSync(join(tmpdir(), 'firedrill-flags-')), 'calls.json')

test('a file of calls is read before anything is done, and workers are told where it lies', async () => {
  writeFileSync(file, '[{ "path": "/orders", "headers": { "authorization": "Bearer s3cret" } }]')
  const { mix, variables } = await drillFlags(['--calls', relative(process.cwd(), file)])
  expect(mix).toMatchObject({ kind: 'profile', requests: [{ path: '/orders' }] })
  expect(variables).toEqual({ FIREDRILL_CALLS: file })
})

test('a file of calls that cannot be meant is refused', async () => {
  writeFileSync(file, '[{ "path": "orders" }]')
  await expect(drillFlags(['--calls', file])).rejects.toMatchObject({ name: 'ScenarioError', code: 'ERR_CALLS' })
})

test('a flag that is not ours is refused, and those that are ours are listed', async () => {
  await expect(drillFlags(['--cals', file])).rejects.toThrow(/--calls/)
})

test.each([
  [['--suite', 'smoke', 'frozen-node']],
  [['--suite', 'smoke', '--all']],
  [['--suite', 'smoke', '--stack', 'etcd']],
])('a suite says what is played and where: %s is refused', async (argv) => {
  await expect(drillFlags(argv)).rejects.toMatchObject({ code: 'ERR_FLAG' })
})

test('a suite is taken by its name, and one that nobody wrote is refused', async () => {
  expect((await drillFlags(['--suite', 'smoke'])).suite).toMatchObject({ name: 'smoke' })
  await expect(drillFlags(['--suite', 'smokes'])).rejects.toMatchObject({ code: 'ERR_NO_SUITE' })
})

test('an upgrade is told from where to where, both or neither', async () => {
  const { variables } = await drillFlags(['--from', 'gateway=a', '--to', 'gateway=b'])
  expect(variables).toEqual({ FIREDRILL_UPGRADE_FROM: 'gateway=a', FIREDRILL_UPGRADE_TO: 'gateway=b' })
  await expect(drillFlags(['--to', 'gateway=b'])).rejects.toMatchObject({ code: 'ERR_FLAG' })
})
