import { describe, expect, test } from 'vitest'
import type { DatabaseMember } from '../topology/replication.ts'
import { balancersFollow, leadIn, sayLeads } from './leadership.ts'
import { patroniInMemory } from './patroni.fixture.ts'

const leader: DatabaseMember = {
  name: 'db-1',
  role: 'primary',
  feeds: ['sync'],
  timeline: 2,
  leads: true,
  takesWrites: true,
}
const follower: DatabaseMember = {
  ...leader,
  name: 'db-2',
  role: 'synchronous standby',
  leads: false,
  takesWrites: false,
}

describe('who leads', () => {
  test('is the one member with the leader key whose PostgreSQL takes writes', () => {
    expect(leadIn([leader, follower])).toEqual({ leader: 'db-1', timeline: 2 })
  })

  test.each<[string, readonly DatabaseMember[]]>([
    ['nobody has the key', [follower]],
    ['two say that they have it', [leader, { ...leader, name: 'db-2' }]],
    ['the one who has it is still in recovery', [{ ...leader, takesWrites: false }, follower]],
    ['its timeline is not known', [{ ...leader, timeline: null }]],
  ])('is not known where %s', (_, members) => {
    expect(leadIn(members)).toBeNull()
  })
})

describe('a balancer', () => {
  const lead = { leader: 'database-1', timeline: 1 }

  test('that does not answer at first is asked again', async () => {
    const { world } = patroniInMemory()
    let looks = 0
    const servers = async () => {
      looks += 1
      return looks === 1 ? Promise.reject(new Error('no word')) : world.servers()
    }
    expect((await balancersFollow({ ...world, servers }, lead)).map(({ said }) => said)).toEqual([
      'primary gives connections to database-1 alone',
    ])
  })

  test('that chooses no primary is not waited for', async () => {
    const { world } = patroniInMemory()
    const servers = async () => [{ backend: 'gateways', node: 'data-plane-1', state: 'in' as const }]
    // Its clock stands still: waiting would never end.
    expect(await balancersFollow({ ...world, servers }, lead)).toEqual([])
  })
})

test('what each says of itself is one sentence', () => {
  const stopped: DatabaseMember = { ...leader, leads: null, because: 'no answer in 1000 ms' }
  expect(sayLeads([{ ...leader, takesWrites: false }, follower, { ...stopped, name: 'db-3' }])).toBe(
    'db-1 leads, and takes no writes; db-2 does not lead; db-3 does not say (no answer in 1000 ms)',
  )
})
