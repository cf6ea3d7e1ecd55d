import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DatabaseAwayError, OutcomeUnknownError, openDatabase } from './database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'

/** A way to PostgreSQL that breaks when a client sends what `breaksAt` matches; what was sent still arrives, or not. */
const brittleWay = async (target: URL, breaksAt: RegExp): Promise<{ url: string; server: Server }> => {
  const { connect } = await import('node:net')
  const server = createServer((client: Socket) => {
    const inside = connect(Number(target.port), target.hostname)
    client.on('data', (bytes) => {
      inside.write(bytes)
      if (breaksAt.test(bytes.toString('latin1'))) client.destroy()
    })
    inside.on('data', (bytes) => client.destroyed || client.write(bytes))
    for (const socket of [client, inside]) socket.on('error', () => undefined)
    client.on('close', () => setTimeout(() => inside.destroy(), 200))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address && typeof address === 'object' ? address.port : 0
  return { server, url: Object.assign(new URL(target), { port: String(port) }).href }
}

describe.skipIf(HAS_NO_POSTGRES)('a transaction', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())

  const writeThrough = async (breaksAt: RegExp): Promise<{ error: unknown; rows: number }> => {
    const url = await postgres.createSchema()
    const direct = openDatabase(url, () => undefined)
    await direct.query('CREATE TABLE t (x int)')
    const way = await brittleWay(new URL(url), breaksAt)
    const database = openDatabase(way.url, () => undefined, { retryForMs: 300 })
    const error = await database
      .transaction((transaction) => transaction.query('INSERT INTO t VALUES (1)'))
      .catch((reason: unknown) => reason)
    await expect
      .poll(async () => (await direct.query("SELECT 1 FROM pg_locks WHERE relation = to_regclass('t')")).length)
      .toBe(0)
    const [row] = await direct.query<{ count: number }>('SELECT count(*) AS count FROM t')
    await Promise.all([database.close(), direct.close()])
    way.server.close()
    return { error, rows: row?.count ?? -1 }
  }

  test('cut off while COMMIT was under way has an unknown outcome, and may well have happened', async () => {
    const { error, rows } = await writeThrough(/COMMIT/)
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(String(error)).toContain('outcome unknown')
    expect(rows).toBe(1)
  })

  test('cut off before COMMIT was sent did not happen', async () => {
    const { error, rows } = await writeThrough(/INSERT/)
    expect(error).toBeInstanceOf(DatabaseAwayError)
    expect(rows).toBe(0)
  })

  test('whose work throws leaves nothing behind and its connection usable', async () => {
    const database = openDatabase(await postgres.createSchema(), () => undefined)
    await database.query('CREATE TABLE t (x int)')
    const failing = database.transaction(async (transaction) => {
      await transaction.query('INSERT INTO t VALUES (1)')
      throw new RangeError('not this one')
    })
    await expect(failing).rejects.toThrow('not this one')
    expect(await database.query('SELECT x FROM t')).toEqual([])
    await database.close()
  })

  test('cut off before COMMIT was sent is tried again, and applied once', async () => {
    const url = await postgres.createSchema()
    const database = openDatabase(url, () => undefined)
    await database.query('CREATE TABLE t (x int)')
    let attempts = 0
    await database.transaction(async (transaction) => {
      attempts += 1
      await transaction.query('INSERT INTO t VALUES (1)')
      const [own] = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      if (attempts === 1) await database.query('SELECT pg_terminate_backend($1)', [own?.pid])
      await transaction.query('INSERT INTO t VALUES (2)')
    })
    expect(await database.query('SELECT x FROM t ORDER BY x')).toEqual([{ x: 1 }, { x: 2 }])
    expect(attempts).toBe(2)
    await database.close()
  })

  test('that PostgreSQL rolls back at COMMIT is an error and not a success', async () => {
    const database = openDatabase(await postgres.createSchema(), () => undefined)
    const swallowing = database.transaction(async (transaction) => {
      await transaction.query('SELECT 1/0').catch(() => undefined)
    })
    await expect(swallowing).rejects.toThrow('PostgreSQL said ROLLBACK')
    await database.close()
  })

  test('whose COMMIT stopped waiting for the standby has an unknown outcome, though PostgreSQL says COMMIT', async () => {
    const url = await postgres.createSchema()
    const database = openDatabase(url, () => undefined)
    const local = openDatabase(url, () => undefined)
    await local.query('CREATE TABLE t (x int)')
    await local.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await local.query('SELECT pg_reload_conf()')
    const writing = database
      .transaction((transaction) => transaction.query('INSERT INTO t VALUES (1)'))
      .catch((error: unknown) => error)
    const cancelled = async (): Promise<number> => {
      const waiting = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`
      return (await local.query(waiting)).length
    }
    await expect.poll(cancelled, { timeout: 4_000 }).toBeGreaterThan(0)
    const error = await writing
    await local.query('SELECT 1')
    await local.query('ALTER SYSTEM RESET synchronous_standby_names')
    await local.query('SELECT pg_reload_conf()')
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(String((error as OutcomeUnknownError).cause)).toContain('canceling wait for synchronous replication')
    expect(await local.query('SELECT x FROM t')).toEqual([{ x: 1 }])
    await Promise.all([database.close(), local.close()])
  })

  test('refused because the server takes no writes (25006) gives its connection up, and so the next one can write', async () => {
    const database = openDatabase(await postgres.createSchema(), () => undefined, { retryForMs: 0 })
    await database.query('CREATE TABLE t (x int)')
    const pid = async (): Promise<number | undefined> =>
      (await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid
    const before = await pid()
    // As a primary that was demoted: this session, and only this one, may only read from now on.
    await database.query("SELECT set_config('default_transaction_read_only', 'on', false)")
    const write = () => database.transaction((transaction) => transaction.query('INSERT INTO t VALUES (1)'))
    await expect(write()).rejects.toBeInstanceOf(DatabaseAwayError)
    await write()
    expect(await pid()).not.toBe(before)
    await database.close()
  })

  test('lives on a connection no longer than it was said', async () => {
    const database = openDatabase(await postgres.createSchema(), () => undefined, { maxLifetimeS: 1 })
    const pid = async (): Promise<number | undefined> =>
      (await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid
    const before = await pid()
    expect(await pid()).toBe(before)
    await expect.poll(pid, { timeout: 4_000, interval: 200 }).not.toBe(before)
    await database.close()
  })
})

describe.skipIf(HAS_NO_POSTGRES)('a statement of its own', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())

  test.each([
    ['that writes has an unknown outcome', 'INSERT INTO t VALUES (1)', OutcomeUnknownError],
    ['that reads did not happen', 'SELECT x FROM t WHERE x = 1', DatabaseAwayError],
  ])('cut off when it was sent, and %s', async (_title, sql, expected) => {
    const url = await postgres.createSchema()
    const direct = openDatabase(url, () => undefined)
    await direct.query('CREATE TABLE t (x int)')
    const way = await brittleWay(new URL(url), new RegExp(sql.slice(0, 12)))
    const database = openDatabase(way.url, () => undefined, { retryForMs: 0 })
    await expect(database.query(sql)).rejects.toBeInstanceOf(expected)
    await Promise.all([database.close(), direct.close()])
    way.server.close()
  })
})
