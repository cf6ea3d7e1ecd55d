import { describe, expect, test } from 'vitest'
import type { DatabaseMember } from '../topology/replication.ts'
import { patroniInMemory } from './patroni.fixture.ts'
import { successorLeft, withoutSuccessor } from './succession.ts'

const primary: DatabaseMember = {
  name: 'db-1',
  role: 'primary',
  feeds: ['sync'],
  timeline: 1,
  leads: true,
  takesWrites: true,
}
const standby: DatabaseMember = {
  ...primary,
  name: 'db-2',
  role: 'synchronous standby',
  feeds: [],
  leads: false,
  takesWrites: false,
}

describe('a primary', () => {
  test('may be lost while a synchronous standby streams', () => {
    expect(withoutSuccessor([primary, standby], { targets: ['db-1'], broken: [] })).toBeNull()
  })

  test.each<[string, readonly DatabaseMember[], readonly string[], readonly string[]]>([
    ['whose standby runs and is not in sync', [primary, { ...standby, role: 'standby' }], ['db-1'], []],
    ['whose standby Patroni names, and does not stream', [{ ...primary, feeds: [] }, standby], ['db-1'], []],
    ['whose standby is a target, too', [primary, standby], ['db-1', 'db-2'], []],
    ['whose standby is under another fault', [primary, standby], ['db-1'], ['db-2']],
    ['that is alone', [primary], ['db-1'], []],
  ])('%s may not', (_, members, targets, broken) => {
    expect(withoutSuccessor(members, { targets, broken })).toMatch(/^db-1 is the primary, and no synchronous standby/)
  })
})

test('a standby may be lost, in sync or not: the primary is left', () => {
  expect(withoutSuccessor([primary, standby], { targets: ['db-2'], broken: [] })).toBeNull()
})

describe('the rule of the drill', () => {
  test('refuses to kill a primary that nobody in sync could follow', async () => {
    const { world, standing } = patroniInMemory()
    const survives = successorLeft(world)
    const blast = { kind: 'kill', targets: ['database-1'], broken: [] }
    await survives(blast)
    standing.isInSync = false
    await expect(survives(blast)).rejects.toThrow(/Refused to kill database-1.*database-2 is standby.*ERR_BLAST_RADIUS/)
  })

  test('asks nobody where no database is a target', async () => {
    const { world } = patroniInMemory()
    const exchange = async () => Promise.reject(new Error('somebody was asked'))
    await successorLeft({ ...world, exchange })({ kind: 'kill', targets: ['data-plane-1'], broken: [] })
  })
})
