import { describe, expect, test } from 'vitest'
import type { DatabaseMember } from '../topology/replication.ts'
import { patroniInMemory } from './patroni.fixture.ts'
import { successorLeft, withoutLastCopy, withoutSuccessor } from './succession.ts'

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

describe('a standby that was in sync with a primary which is gone', () => {
  const silent: DatabaseMember = { ...primary, role: null, feeds: [], timeline: null, leads: null, takesWrites: false }
  const third: DatabaseMember = { ...standby, name: 'db-3', role: 'standby' }

  test('may not be lost before somebody has taken over: nobody else has every acknowledged write', () => {
    const because = withoutLastCopy([silent, standby, third], { targets: ['db-2'], broken: ['db-1'] })
    expect(because).toMatch(/^db-1 is under a fault, nobody takes writes yet, and db-2 is the synchronous standby/)
  })

  test.each<[string, readonly DatabaseMember[], readonly string[], readonly string[]]>([
    ['another was in sync, too', [silent, standby, { ...third, role: 'synchronous standby' }], ['db-2'], ['db-1']],
    ['it is one that was not in sync', [silent, standby, third], ['db-3'], ['db-1']],
    [
      'somebody has taken over',
      [silent, { ...standby, role: 'primary', takesWrites: true }, third],
      ['db-3'],
      ['db-1'],
    ],
    ['no member is broken, as in a switchover', [silent, standby, third], ['db-2'], []],
  ])('may be lost where %s', (_, members, targets, broken) => {
    expect(withoutLastCopy(members, { targets, broken })).toBeNull()
  })

  test('is refused by the rule of the drill', async () => {
    const { world, standing } = patroniInMemory()
    standing.silent.add('database-1')
    const blast = { kind: 'kill', targets: ['database-2'], broken: ['database-1'] }
    await expect(successorLeft(world)(blast)).rejects.toThrow(
      /Refused to kill database-2.*last complete copy.*ERR_BLAST/,
    )
  })
})
