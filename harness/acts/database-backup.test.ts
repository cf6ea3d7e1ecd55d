import { expect, test } from 'vitest'
import { first, second } from '../fault/patroni.fixture.ts'
import type { Executed } from '../fault/runtime.ts'
import { backUpDatabase } from './database-backup.ts'

/** A node's programs, each answering as it is told; what was run and where is kept. */
const backedUp = (...answers: readonly Executed[]) => {
  const ran: string[] = []
  const standing = { leader: first }
  const left = [...answers]
  const backup = backUpDatabase({
    primary: async () => standing.leader,
    runtime: {
      execute: async (container, command) => {
        ran.push(`${container}: ${command.at(-1)}`)
        return left.shift() ?? { exitCode: 0, output: '' }
      },
    },
  })
  return { backup, ran, standing }
}

test('a backup is dumped where the database is led from, restored there and compared with what is there then', async () => {
  const { backup, ran } = backedUp()
  await (await backup).restore()
  const id = first.containers[0]?.id
  expect(ran.map((line) => line.replaceAll('\n', ' '))).toEqual([
    expect.stringMatching(new RegExp(`^${id}: .*pg_dump.* > .*test -s`)),
    expect.stringMatching(new RegExp(`^${id}: .*psql .*ON_ERROR_STOP`)),
    expect.stringMatching(new RegExp(`^${id}: .*pg_dump.*cmp`)),
  ])
})

test('what a program says of its failure is told, and nothing goes on', async () => {
  const { backup, ran } = backedUp({ exitCode: 1, output: 'connecting\nserver version mismatch\n' })
  await expect(backup).rejects.toThrow(/The backup of the database in .* failed: server version mismatch.*ERR_BACKUP/)
  expect(ran).toHaveLength(1)
})

test('a database that is not what it was after it was restored is no restored one', async () => {
  const differs = { exitCode: 1, output: '- /tmp/firedrill-backup.sql differ: byte 40, line 3' }
  const { backup } = backedUp({ exitCode: 0, output: '' }, { exitCode: 0, output: '' }, differs)
  await expect((await backup).restore()).rejects.toThrow(/comparison with its backup .*differ: byte 40/)
})

test('a backup that lies in a node that leads no longer is not restored', async () => {
  const { backup, standing, ran } = backedUp()
  const made = await backup
  standing.leader = second
  await expect(made.restore()).rejects.toThrow(/lies in database-1, and database-2 leads/)
  expect(ran).toHaveLength(1)
})
