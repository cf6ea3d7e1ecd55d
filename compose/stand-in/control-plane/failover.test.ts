import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { follow, readDirectory } from '../conformance/apisix.fixture.ts'
import { base64, post } from '../conformance/etcd-client.fixture.ts'
import { dpManagerAlone, tokenFrom } from '../conformance/servers.fixture.ts'
import { DatabaseAwayError, openDatabase } from './database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'
import { enterEpoch, nextRevision } from './revision.ts'
import { migrate } from './schema.ts'
import { copyOf, type Standby, type Way, wayTo } from './standby.fixture.ts'

describe.skipIf(HAS_NO_POSTGRES)('a failover to a standby that lacks the last commits', () => {
  let postgres: Postgres
  let way: Way
  let standby: Standby
  const leaving: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    postgres = await startPostgres()
    way = await wayTo(await postgres.createSchema())
    const database = openDatabase(way.url, () => undefined)
    await migrate(database)
    await database.close()
    standby = await copyOf(way.url)
  }, 30_000)
  afterEach(async () => {
    await Promise.all(leaving.splice(0).map((leave) => leave()))
    way.close()
    await Promise.all([postgres.remove(), standby.remove()])
  })

  const failOver = async (): Promise<void> => {
    await postgres.kill()
    way.leadTo(standby.port)
    await standby.start()
    await standby.promote()
  }

  test('makes revisions jump once, and every watch reads everything again from there', async () => {
    const managers = await Promise.all(['one', 'two'].map((node) => dpManagerAlone(way.url, node)))
    for (const manager of managers) leaving.push(() => manager.close())
    const urls = managers.map(({ url }) => url)
    const [first = '', second = ''] = urls
    const server = { urls: [first] as const, token: await tokenFrom(first) }
    const put = async (key: string): Promise<number> => {
      const message = { key: base64(`/apisix/routes/${key}`), value: base64(key) }
      return Number((await post(server, '/v3/kv/put', message)).body.header?.revision)
    }
    const before = (await readDirectory(first, '/apisix')).revision
    const followers = urls.map((url) => follow({ urls: [url], startRevision: before + 1, cutAfterBytes: [] }))
    const lost = [await put('lost-1'), await put('lost-2')]
    await expect.poll(() => followers.map(({ applied }) => applied.length)).toEqual([2, 2])

    await failOver()
    await expect.poll(() => followers.map(({ resyncs }) => resyncs), { timeout: 10_000 }).toEqual([1, 1])
    const [one, two] = await Promise.all([readDirectory(first, '/apisix'), readDirectory(second, '/apisix')])
    expect(two.revision).toBe(one.revision)
    expect(one.kvs.filter(({ key }) => key.includes('lost'))).toEqual([])
    expect(one.revision).toBeGreaterThan(Math.max(...lost))

    const next = await put('kept')
    expect(next).toBe(one.revision + 1)
    await expect
      .poll(() => followers.map(({ applied }) => applied.at(-1)?.key))
      .toEqual(['/apisix/routes/kept', '/apisix/routes/kept'])
    expect(followers.map(({ applied }) => applied.length)).toEqual([3, 3])
    expect(followers.flatMap(({ violations }) => violations.filter((each) => !each.startsWith('no watch')))).toEqual([])
    for (const follower of followers) follower.stop()
  })

  test('makes the first write jump too, when nobody has read anything before it', async () => {
    const database = openDatabase(way.url, () => undefined)
    leaving.push(() => database.close())
    const before = await database.transaction(nextRevision)
    await failOver()
    const after = await database.transaction(nextRevision)
    expect(after).toBeGreaterThan(before)
    expect(await database.transaction(nextRevision)).toBe(after + 1)
    expect(await enterEpoch(database)).toBeUndefined()
    const [counter] = await database.query<{ oldest: number; timeline: number }>('SELECT * FROM config_revision')
    expect(counter).toMatchObject({ oldest: after - 1, timeline: 2 })
  })

  test('is waited for: a standby is refused until it is the primary, and a deposed primary is never asked again', async () => {
    const database = openDatabase(way.url, () => undefined, { retryForMs: 0 })
    const port = async (): Promise<number | undefined> =>
      (await database.query<{ port: number }>('SELECT inet_server_port() AS port'))[0]?.port
    const deposedPort = (await port()) ?? 0
    leaving.push(() => database.close())
    await standby.start()
    way.leadTo(standby.port)
    const other = openDatabase(way.url, () => undefined, { retryForMs: 0 })
    leaving.push(() => other.close())
    const refused = await other.query('SELECT 1').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DatabaseAwayError)
    expect(String((refused as DatabaseAwayError).cause)).toContain('is a standby')
    await standby.promote()
    expect(await other.query('SELECT pg_is_in_recovery() AS standby')).toEqual([{ standby: false }])
    // The old primary still runs, and its connection with it, as one does that was only cut off from the others.
    const busy = () => database.transaction((transaction) => transaction.query('SELECT pg_sleep(0.2)'))
    await Promise.all([busy(), busy()])
    // Two at once, so that both connections of the pool would be used: that to the deposed primary is not.
    const ports = await Promise.all(
      [1, 2].map(() => database.query('SELECT inet_server_port() AS port, pg_sleep(0.2)')),
    )
    expect(ports.flat()).toMatchObject([{ port: standby.port }, { port: standby.port }])
    way.leadTo(deposedPort)
    const three = await Promise.allSettled([busy(), busy(), busy()])
    expect(three.flatMap((each) => (each.status === 'rejected' ? [String(each.reason.cause)] : [])).join()).toContain(
      'a primary of timeline 1, deposed by timeline 2',
    )
  })

  test('on one timeline, with a counter behind what was told, jumps beyond that', async () => {
    const database = openDatabase(way.url, () => undefined)
    leaving.push(() => database.close())
    const told = 9 * 10 ** 13
    const jumps = await Promise.all([enterEpoch(database, told), enterEpoch(database, told)])
    expect(jumps.filter(Boolean)).toEqual([{ revision: told + 1, oldest: told + 1 }])
  })
})
