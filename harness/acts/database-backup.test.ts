import { expect, test } from 'vitest'
import type { FaultLog } from '../fault/fault.ts'
import { first, second } from '../fault/patroni.fixture.ts'
import type { Executed } from '../fault/runtime.ts'
import { backUpDatabase } from './database-backup.ts'

/** What takes a backup away again. */
const removal = (container: string): string => `${container}: rm -f /tmp/firedrill-backup.sql`

const id = first.containers[0]?.id ?? ''

/** A node's programs, each answering as it is told; what was run and where, and what is noted of it, is kept in its order. */
const backedUp = (...answers: readonly Executed[]) => {
  const ran: string[] = []
  const standing = { leader: first }
  const left = [...answers]
  const noted = new Map<string, Parameters<FaultLog['intend']>[0]>()
  const closing: (() => Promise<void>)[] = []
  const backup = backUpDatabase({
    primary: async () => standing.leader,
    runtime: {
      execute: async (container, command) => {
        ran.push(`${container}: ${command[0] === 'bash' ? command.at(-1) : command.join(' ')}`)
        return left.shift() ?? { exitCode: 0, output: '' }
      },
    },
    log: {
      intend: async (fault) => {
        ran.push('noted')
        noted.set(fault.id, fault)
      },
      clear: async (each) => void noted.delete(each),
    },
    atClose: (_, act) => void closing.push(act),
  })
  const close = async (): Promise<void> => {
    for (const act of closing) await act()
  }
  return { backup, ran, standing, noted, close }
}

test('a backup is dumped where the database is led from, restored there and compared with what is there then', async () => {
  const { backup, ran } = backedUp()
  await (await backup).restore()
  expect(ran.map((line) => line.replaceAll('\n', ' '))).toEqual([
    'noted',
    expect.stringMatching(new RegExp(`^${id}: .*pg_dump.* > .*test -s`)),
    expect.stringMatching(new RegExp(`^${id}: .*psql .*ON_ERROR_STOP`)),
    expect.stringMatching(new RegExp(`^${id}: .*pg_dump.*cmp`)),
    removal(id),
  ])
})

test('what a program says of its failure is told, and nothing goes on', async () => {
  const { backup, ran, noted } = backedUp({ exitCode: 1, output: 'connecting\nserver version mismatch\n' })
  await expect(backup).rejects.toThrow(/The backup of the database in .* failed: server version mismatch.*ERR_BACKUP/)
  expect(ran).toEqual(['noted', expect.stringContaining('pg_dump'), removal(id)])
  expect(noted.size).toBe(0)
})

test('a database that is not what it was after it was restored is no restored one', async () => {
  const differs = { exitCode: 1, output: '- /tmp/firedrill-backup.sql differ: byte 40, line 3' }
  const { backup, ran } = backedUp({ exitCode: 0, output: '' }, { exitCode: 0, output: '' }, differs)
  await expect((await backup).restore()).rejects.toThrow(/comparison with its backup .*differ: byte 40/)
  expect(ran.at(-1)).toBe(removal(id))
})

test('a backup that lies in a node that leads no longer is not restored', async () => {
  const { backup, standing, ran } = backedUp()
  const made = await backup
  standing.leader = second
  await expect(made.restore()).rejects.toThrow(/lies in database-1, and database-2 leads/)
  expect(ran).toEqual(['noted', expect.stringContaining('pg_dump'), removal(id)])
})

test('a backup that was never restored is removed when the stage closes, and one that was is gone by then', async () => {
  const never = backedUp()
  await never.backup
  expect([...never.noted.values()]).toMatchObject([
    {
      kind: 'backup',
      targets: ['database-1'],
      undo: [{ act: 'delete', container: id, path: '/tmp/firedrill-backup.sql' }],
    },
  ])
  await never.close()
  expect([never.ran.at(-1), never.noted.size]).toEqual([removal(id), 0])

  const restored = backedUp()
  await (await restored.backup).restore()
  await restored.close()
  expect(restored.ran.filter((each) => each === removal(id))).toHaveLength(1)
})

test('a removal that fails after the restoration is tried again when the stage closes, and stays noted until then', async () => {
  const fine = { exitCode: 0, output: '' }
  const { backup, ran, noted, close } = backedUp(fine, fine, fine, { exitCode: null, output: '' })
  await (await backup).restore()
  expect(noted.size).toBe(1)
  await close()
  expect([ran.filter((each) => each === removal(id)).length, noted.size]).toEqual([2, 0])
})

test('a backup that will not go says so when the stage closes', async () => {
  const { backup, noted, close } = backedUp({ exitCode: 0, output: '' }, { exitCode: 1, output: 'read-only' })
  await backup
  await expect(close()).rejects.toThrow(/The removal of the backup .*read-only/)
  expect(noted.size).toBe(1)
})
