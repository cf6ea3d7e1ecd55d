// When the counter jumps, beside the failovers of failover.test.ts, and what a jump brings with it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { readRevision } from './dp-manager/keyspace.ts'
import { expireLeases, grantLease, listLeases } from './dp-manager/leases.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'
import { EPOCH_JUMP, nextRevision } from './revision.ts'
import { migrate } from './schema.ts'

describe.skipIf(HAS_NO_POSTGRES)('the counter of revisions', () => {
  let postgres: Postgres
  let url: string
  let database: Database
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    url = await postgres.createSchema()
    database = openDatabase(url, () => undefined)
    await migrate(database)
  })
  afterEach(async () => await database.close())

  const next = () => database.transaction(nextRevision)

  test('of a restored dump jumps once beyond all that was told since the dump, whoever asks first', async () => {
    const restore = await postgres.backUp(url)
    const before = await readRevision(database)
    const told = [await next(), await next()]
    await restore()
    const read = await Promise.all([readRevision(database), readRevision(database)])
    expect(read).toEqual([before + EPOCH_JUMP, before + EPOCH_JUMP])
    const [counter] = await database.query<{ oldest: number }>('SELECT oldest FROM config_revision')
    expect(counter?.oldest).toBeGreaterThan(Math.max(...told))
    expect(await next()).toBe(before + EPOCH_JUMP + 1)
  })

  test('of a restored dump jumps with a write too, where nobody has read before it', async () => {
    const restore = await postgres.backUp(url)
    const told = [await next(), await next()]
    await restore()
    const written = await Promise.all([next(), next()])
    expect(written.toSorted((one, other) => one - other)).toEqual([
      Math.min(...told) + EPOCH_JUMP,
      Math.max(...told) + EPOCH_JUMP,
    ])
  })

  test('gives leases their full time again where a write is the first to meet a new timeline', async () => {
    const { id } = await grantLease(database, { id: '0', ttlS: 60 })
    await database.query("UPDATE config_lease SET expires_at = clock_timestamp() - interval '1 s'")
    await database.query('UPDATE config_revision SET timeline = timeline - 1')
    await next()
    await expireLeases(database)
    expect(await listLeases(database)).toEqual([id])
  })

  test('of a database that an older image made goes on in an epoch of its own', async () => {
    const before = await readRevision(database)
    await database.query('ALTER TABLE config_revision DROP COLUMN table_oid')
    await database.query('DELETE FROM schema_version')
    await database.query('INSERT INTO schema_version (version) VALUES (1)')
    await Promise.all([migrate(database), migrate(database)])
    expect(await readRevision(database)).toBe(before + EPOCH_JUMP)
    expect(await next()).toBe(before + EPOCH_JUMP + 1)
  })
})
