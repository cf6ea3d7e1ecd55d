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
    const database = openDatabase(way.url, () => undefined)
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
})
