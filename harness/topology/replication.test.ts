import { describe, expect, test } from 'vitest'
import { type DatabaseMember, judgeReplication, memberFrom, memberInRole } from './replication.ts'
import type { Topology } from './topology.ts'

const answer = (status: number, said: object) => ({ ok: true, status, body: JSON.stringify(said) })

const primary: DatabaseMember = {
  name: 'database-1',
  role: 'primary',
  feeds: ['sync'],
  timeline: 3,
  leads: true,
  takesWrites: true,
}
const standby: DatabaseMember = {
  name: 'database-2',
  role: 'synchronous standby',
  feeds: [],
  timeline: 3,
  leads: false,
  takesWrites: false,
}

describe("a member's own word", () => {
  test('200 to /primary is the primary, with the standbys that stream from it', () => {
    const replication = [
      { state: 'streaming', sync_state: 'sync' },
      { state: 'streaming', sync_state: 'async' },
      { state: 'catchup', sync_state: 'async' },
    ]
    const said = { state: 'running', role: 'master', timeline: 3, replication }
    expect(memberFrom('database-1', answer(200, said))).toEqual({ ...primary, feeds: ['sync', 'async'] })
  })

  test('503 to /primary is a standby, synchronous when it says so', () => {
    const said = { state: 'running', role: 'replica', timeline: 3 }
    expect([
      memberFrom('database-2', answer(503, { ...said, sync_standby: true })).role,
      memberFrom('database-2', answer(503, said)).role,
    ]).toEqual(['synchronous standby', 'standby'])
  })

  test.each([
    ['a member that does not answer', { ok: false, status: 0, body: '', error: 'no answer in 1000 ms' }],
    ['a PostgreSQL that starts', answer(503, { state: 'starting', role: 'replica' })],
    ['a page of somebody else', { ok: true, status: 200, body: '<html>' }],
  ])('%s has no known role', (_, given) => {
    expect(memberFrom('database-1', given)).toMatchObject({ role: null, because: expect.stringMatching(/\w/) })
  })
})

describe('who holds the leader key, and who takes writes', () => {
  const { leads, takesWrites } = memberFrom('database-1', answer(200, { state: 'running', role: 'replica' }))

  test('a member with the key whose PostgreSQL is still in recovery takes no writes yet', () => {
    expect({ leads, takesWrites }).toEqual({ leads: true, takesWrites: false })
  })

  test('a member that has let it go and has stopped its PostgreSQL says so', () => {
    const stopped = memberFrom('database-1', answer(503, { state: 'stopped', role: 'demoted' }))
    expect([stopped.role, stopped.leads]).toEqual([null, false])
  })

  test('of a member that does not answer nobody knows', () => {
    expect(memberFrom('database-1', { ok: false, status: 0, body: '' }).leads).toBeNull()
  })
})

describe('the member in a role', () => {
  const named = (name: string) => ({ name, role: 'database' as const, zone: 'a', containers: [] })
  const topology: Topology = {
    stack: 's',
    project: 'p',
    network: 'n',
    subnet: '10.99.0',
    nodes: [named('database-1'), named('database-2')],
  }

  test('is the node that says so', () => {
    expect(memberInRole(topology, [primary, standby], 'primary').name).toBe('database-1')
    expect(memberInRole(topology, [primary, standby], 'synchronous standby').name).toBe('database-2')
  })

  test.each<[string, readonly DatabaseMember[], RegExp]>([
    ['nobody', [standby], /Expected one primary, and database-2 is synchronous standby\./],
    ['two', [primary, { ...primary, name: 'database-2' }], /database-1 is primary; database-2 is primary/],
    ['no database', [], /no database that Patroni keeps.*ERR_NO_MEMBER/],
  ])('%s is refused, with what each says it is', (_, members, why) => {
    expect(() => memberInRole(topology, members, 'primary')).toThrow(why)
  })
})

describe('replication in sync', () => {
  test('one primary that feeds one synchronous standby holds', () => {
    expect(judgeReplication([primary, standby])).toEqual({
      ok: true,
      because: 'database-1 is primary; database-2 is synchronous standby',
    })
  })

  test('a further standby that streams without being waited for holds', () => {
    const third: DatabaseMember = { ...standby, name: 'database-3', role: 'standby' }
    expect(judgeReplication([{ ...primary, feeds: ['sync', 'async'] }, standby, third]).ok).toBe(true)
  })

  test.each<[string, readonly DatabaseMember[]]>([
    ['two primaries do not hold', [primary, { ...primary, name: 'database-2' }]],
    [
      'two primaries beside a standby do not hold',
      [{ ...primary, feeds: ['sync', 'async'] }, { ...primary, name: 'database-3' }, standby],
    ],
    ['no primary does not hold', [standby, { ...standby, name: 'database-1', role: 'standby' }]],
    ['a standby that is not waited for does not hold', [primary, { ...standby, role: 'standby' }]],
    ['a standby that does not stream does not hold', [{ ...primary, feeds: [] }, standby]],
    ['a primary that waits for nobody does not hold', [{ ...primary, feeds: ['async'] }, standby]],
    ['a standby on another timeline does not hold', [primary, { ...standby, timeline: 2 }]],
    ['a member that says nothing does not hold', [primary, standby, { ...standby, name: 'database-3', role: null }]],
  ])('%s', (_, members) => {
    expect(judgeReplication(members).ok).toBe(false)
  })
})
