// When the counter jumps, beside the failovers of failover.test.ts, and what a jump brings with it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { readRevision } from './dp-manager/keyspace.ts'
import { expireLeases, grantLease, listLeases } from './dp-manager/leases.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'
import { nextRevision } from './revision.ts'
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
    const told = [await next(), await next()]
    await restore()
    const [one = 0, other] = await Promise.all([readRevision(database), readRevision(database)])
    expect(one).toBeGreaterThan(Math.max(...told))
    expect(other).toBe(one)
    expect(await database.query('SELECT oldest FROM config_revision')).toEqual([{ oldest: one }])
    expect(await next()).toBe(one + 1)
  })

  test('of a restored dump jumps with a write too, where nobody has read before it', async () => {
    const restore = await postgres.backUp(url)
    const told = [await next(), await next()]
    await restore()
    const [first = 0, second] = (await Promise.all([next(), next()])).toSorted((one, other) => one - other)
    expect(first).toBeGreaterThan(Math.max(...told))
    expect(second).toBe(first + 1)
  })

  test('of a dump that is restored again jumps beyond what was told since it was restored before', async () => {
    const restore = await postgres.backUp(url)
    await restore()
    const told = [await next(), await next()]
    await restore()
    expect(await next()).toBeGreaterThan(Math.max(...told))
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
    const after = await readRevision(database)
    expect(after).toBeGreaterThan(before)
    expect(await next()).toBe(after + 1)
  })
})
