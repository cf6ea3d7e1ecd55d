import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DatabaseAwayError, OutcomeUnknownError } from '../database-errors.ts'
import { type EtcdCluster, HAS_NO_ETCD, startEtcd } from '../etcd.fixture.ts'
import { type Changes, changesIn } from './changes.ts'
import { type EtcdClient, etcdClient } from './etcd-client.ts'
import { keyRange, prefixRange } from './messages.ts'
import { rotatingLease } from './rotating-lease.ts'

/** What becomes of a transaction on a brittle way. */
type Fate =
  | 'pass'
  | 'lost on the way there'
  | 'lost on the way back'
  | 'held'
  | 'lost on the way back, and then nobody is there'

/** A way to etcd whose next transactions meet the fates that are planned, one each. */
const brittleWay = async (target: string) => {
  const plan: Fate[] = []
  const held: (() => Promise<unknown>)[] = []
  const server = createServer((request, response) => void meet(request, response).catch(() => response.destroy()))
  const meet = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const forward = () => fetch(`${target}${request.url}`, { method: 'POST', body })
    const fate = request.url === '/v3/kv/txn' ? (plan.shift() ?? 'pass') : 'pass'
    if (fate === 'held') return void held.push(forward)
    if (fate === 'lost on the way there') return void request.socket.destroy()
    const answer = await forward()
    if (fate === 'pass') return void response.writeHead(answer.status).end(await answer.text())
    if (fate === 'lost on the way back, and then nobody is there') server.close()
    request.socket.destroy()
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = address && typeof address === 'object' ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    plan,
    /** Lets what was held go on to etcd. */
    release: () => Promise.all(held.splice(0).map((each) => each())),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

describe.skipIf(HAS_NO_ETCD)('a change in etcd', () => {
  let etcd: EtcdCluster
  let way: Awaited<ReturnType<typeof brittleWay>>
  let client: EtcdClient
  let changes: Changes
  let drawnUp = 0
  let place = 0
  const counter = () => `/place-${place}/counter`
  const open = (...endpoints: string[]): void => {
    client = etcdClient({ endpoints })
    changes = changesIn(client, `/place-${place}/marks/`)
  }
  const addOne = () =>
    changes.make(async (draft) => {
      drawnUp += 1
      const { count } = (await draft.get<{ count: number }>(counter())) ?? { count: 0 }
      draft.put(counter(), { count: count + 1 })
      return count + 1
    })
  const counted = async (): Promise<unknown> => {
    const direct = etcdClient({ endpoints: etcd.urls })
    const [entry] = (await direct.range(keyRange(counter()))).entries
    await direct.close()
    return entry ? JSON.parse(entry.value).count : 0
  }

  beforeAll(async () => {
    etcd = await startEtcd()
  }, 20_000)
  afterAll(async () => await etcd.remove())
  beforeEach(async () => {
    place += 1
    drawnUp = 0
    way = await brittleWay(etcd.urls[0] ?? '')
    open(way.url)
  })
  afterEach(async () => {
    await client.close()
    way.close()
  })

  test('whose answer was lost is known to be made, and is made once', async () => {
    way.plan.push('lost on the way back')
    expect(await addOne()).toBe(1)
    expect([await counted(), drawnUp]).toEqual([1, 1])
  })

  test('that was lost on its way is drawn up again, and is made once', async () => {
    way.plan.push('lost on the way there')
    expect(await addOne()).toBe(1)
    expect([await counted(), drawnUp]).toEqual([1, 2])
  })

  test('is made once though the answer about what became of it is lost too', async () => {
    way.plan.push('lost on the way there', 'lost on the way back')
    expect(await addOne()).toBe(1)
    way.plan.push('lost on the way back', 'lost on the way back', 'lost on the way there')
    expect(await addOne()).toBe(2)
    expect(await counted()).toBe(2)
  })

  test('that a frozen member holds back is made through another one, and not again when it thaws', async () => {
    await client.close()
    open(way.url, etcd.urls[0] ?? '')
    way.plan.push('held')
    expect(await addOne()).toBe(1)
    await way.release()
    expect([await counted(), drawnUp]).toEqual([1, 2])
    expect(await addOne()).toBe(2)
  })

  test('that was held back never comes after a later one, though it compares nothing', async () => {
    await client.close()
    open(way.url, etcd.urls[0] ?? '')
    way.plan.push('held')
    await changes.make(async (draft) => draft.put(counter(), { count: 1 }))
    await changes.make(async (draft) => draft.put(counter(), { count: 2 }))
    await way.release()
    expect(await counted()).toBe(2)
  })

  test('has an unknown outcome when its answer was lost and then nobody can be asked', async () => {
    way.plan.push('lost on the way back, and then nobody is there')
    await expect(addOne()).rejects.toThrow(OutcomeUnknownError)
    expect(await counted()).toBe(1)
  })

  test('did not happen when nobody could be asked from the start', async () => {
    way.close()
    await expect(addOne()).rejects.toThrow(DatabaseAwayError)
    expect(await counted()).toBe(0)
  })

  test('is drawn up again when somebody else was quicker', async () => {
    const added = await Promise.all(Array.from({ length: 10 }, addOne))
    expect([...added].sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(await counted()).toBe(10)
    expect(drawnUp).toBeGreaterThan(10)
  })

  test('is drawn up again when a key joined a prefix it listed', async () => {
    const prefix = `/place-${place}/list/`
    let isFirst = true
    const seen = await changes.make(async (draft) => {
      const listed = await draft.list(prefix)
      if (isFirst) await changes.make(async (other) => other.put(`${prefix}joined`, {}))
      isFirst = false
      draft.put(counter(), {})
      return [...listed.keys()]
    })
    expect(seen).toEqual([`${prefix}joined`])
  })

  test('goes on under a new lease when the one of its marks was revoked', async () => {
    await addOne()
    const [mark] = (await client.range(prefixRange(`/place-${place}/marks/`))).entries
    await client.repeat('/v3/lease/revoke', { ID: mark?.lease }, performance.now() + 1_000)
    expect(await addOne()).toBe(2)
    expect((await client.range(prefixRange(`/place-${place}/marks/`))).entries[0]?.lease).not.toBe(mark?.lease)
  })

  test('goes on under a new lease when one that it shares with others was revoked', async () => {
    const shared = rotatingLease(client, 60)
    const sharing = changesIn(client, `/place-${place}/marks/`, [shared])
    const put = () => sharing.make(async (draft) => draft.put(counter(), { count: 1 }, await shared.id()))
    await put()
    await client.repeat('/v3/lease/revoke', { ID: await shared.id() }, performance.now() + 1_000)
    await put()
    expect(await counted()).toBe(1)
  })

  test('whose lease etcd does not know is drawn up again after a pause, and not as often as etcd answers', async () => {
    const drawnAt: number[] = []
    const making = changes.make(async (draft) => {
      drawnAt.push(performance.now())
      if (drawnAt.length === 2) throw new RangeError('seen enough')
      draft.put(counter(), {}, '4711')
    })
    await expect(making).rejects.toThrow('seen enough')
    expect((drawnAt[1] ?? 0) - (drawnAt[0] ?? 0)).toBeGreaterThan(90)
  })
})
