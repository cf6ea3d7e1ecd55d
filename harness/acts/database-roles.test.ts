import { expect, test } from 'vitest'
import { first, patroniInMemory, second } from '../fault/patroni.fixture.ts'
import { manualClock } from '../time/clock.ts'
import type { Topology } from '../topology/topology.ts'
import { databaseRoles } from './database-roles.ts'

const topology: Topology = { stack: 's', project: 'p', network: 'n', subnet: '10.99.0', nodes: [first, second] }

const rolesOf = ({ nodes = topology.nodes }: { readonly nodes?: Topology['nodes'] } = {}) => {
  const { world, standing } = patroniInMemory()
  const clock = manualClock()
  return { standing, clock, roles: databaseRoles({ topology: { ...topology, nodes }, get: world.exchange, clock }) }
}

test('who leads and who would take over is asked at each call', async () => {
  const { standing, roles } = rolesOf()
  expect([await roles.primary(), await roles.standby()]).toEqual([first, second])
  standing.leader = 'database-2'
  expect([await roles.primary(), await roles.standby()]).toEqual([second, first])
})

test('replication is in sync again once another member follows whoever leads', async () => {
  const { standing, roles } = rolesOf()
  standing.silent.add('database-2')
  let isInSync = false
  const resynced = roles.resynced().then(() => {
    isInSync = true
  })
  await expect.poll(() => isInSync, { timeout: 300 }).toBe(false)
  standing.silent.delete('database-2')
  await resynced
  expect(isInSync).toBe(true)
})

test('a primary that was lost is waited for until another one leads', async () => {
  const { standing, roles } = rolesOf()
  standing.silent.add('database-1')
  const primary = roles.primary()
  standing.leader = 'database-2'
  expect((await primary).name).toBe('database-2')
})

test('nobody is waited for longer than 30 s, and what each member says is told', async () => {
  const { standing, clock, roles } = rolesOf()
  standing.silent.add('database-1')
  const primary = roles.primary()
  clock.advance(30_001)
  await expect(primary).rejects.toThrow(
    /Expected one primary, and database-1 is unknown \(no answer in time\).*ERR_NO_MEMBER/,
  )
})

test('a deployment without such a database says so at once', async () => {
  await expect(rolesOf({ nodes: [] }).roles.primary()).rejects.toThrow(/no database that Patroni keeps/)
})
