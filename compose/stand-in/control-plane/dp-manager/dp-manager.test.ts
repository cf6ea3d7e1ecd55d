import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gatewayUnderTest, statusOf } from '../../gateway/gateway.fixture.ts'
import { compact, markersUnder } from '../configuration.ts'
import {
  base64,
  call,
  dashboardOn,
  dpManagerOn,
  type Json,
  patchDesc,
  publishOrders,
  ROUTE_PATH,
  rangeOf,
  type Seen,
  signIn,
  watchFrom,
} from '../control-plane.fixture.ts'
import { openDatabase } from '../database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { Running } from '../program.ts'

describe.skipIf(HAS_NO_POSTGRES)('the DP Manager', () => {
  let postgres: Postgres
  let databaseUrl: string
  let dashboard: Running
  let cookie: string
  const running: Running[] = []
  const start = async (node = 'control-plane-1'): Promise<Running> => {
    const manager = await dpManagerOn(databaseUrl, node)
    running.push(manager)
    return manager
  }

  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    databaseUrl = await postgres.createSchema()
    dashboard = await dashboardOn(databaseUrl)
    running.push(dashboard)
    cookie = await signIn(dashboard)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
  })

  test('the 13 directory markers are there before anything is published, in ascending order', async () => {
    const found = await rangeOf(await start(), '/apisix', '/apisiy')
    expect(found.seen.map(({ key, value }: Seen) => [key, value])).toEqual(
      markersUnder('/apisix').map((key) => [key, 'init_dir']),
    )
    expect(found.body.count).toBe('13')
    expect(found.revision).toBeGreaterThan(1.7e12)
    expect(found.revision).toBeLessThan(1e14)
  })

  test('a published route is in APISIX shape, its plugins untouched', async () => {
    const plugins = { 'response-rewrite': { headers: { set: { 'X-Config': '7' } } } }
    await publishOrders(dashboard, cookie)
    await call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: { plugins, methods: ['GET'] } })
    const manager = await start()
    const time = expect.any(Number)
    expect((await rangeOf(manager, '/apisix/routes/orders')).seen[0].value).toEqual({
      id: 'orders',
      name: 'orders',
      desc: 'before',
      uris: ['/orders/*'],
      methods: ['GET'],
      service_id: 'echo',
      plugins,
      priority: 0,
      status: 1,
      create_time: time,
      update_time: time,
    })
    expect((await rangeOf(manager, '/apisix/services/echo')).seen[0].value).toEqual({
      id: 'echo',
      name: 'echo',
      desc: '',
      upstream: { type: 'roundrobin', scheme: 'http', nodes: [{ host: '10.0.0.9', port: 8080, weight: 1 }] },
      create_time: time,
      update_time: time,
    })
  })

  test('each change reaches a watch exactly once, in frames whose revisions increase', async () => {
    await publishOrders(dashboard, cookie)
    const manager = await start()
    const watch = await watchFrom(manager, (await rangeOf(manager, '/apisix', '/apisiy')).revision + 1)
    expect((await watch.frame()).result).toMatchObject({ created: true })
    const descriptions = Array.from({ length: 10 }, (_, index) => `change ${index}`)
    for (const description of descriptions) await patchDesc(dashboard, cookie, description)
    const frames = []
    for (const _ of descriptions) frames.push(await watch.events())
    watch.stop()
    expect(frames.flatMap(({ seen }) => seen.map(({ value }: Seen) => value.desc))).toEqual(descriptions)
    const first = frames[0]?.revision ?? 0
    expect(frames.map(({ revision }) => revision - first)).toEqual(descriptions.map((_, index) => index))
  })

  test('a write is visible to a watch on the other node', async () => {
    await publishOrders(dashboard, cookie)
    const [one, two] = [await start('control-plane-1'), await start('control-plane-2')]
    const watch = await watchFrom(two, (await rangeOf(one, '/apisix/')).revision + 1)
    await watch.frame()
    await patchDesc(dashboard, cookie, 'seen at two')
    const { seen } = await watch.events()
    watch.stop()
    expect(seen).toMatchObject([{ key: '/apisix/routes/orders', value: { desc: 'seen at two' } }])
  })

  test('a change wakes a watch by itself, without waiting for the poll', async () => {
    await publishOrders(dashboard, cookie)
    const watch = await watchFrom(await start(), 0)
    await watch.frame()
    const tookMs: number[] = []
    for (const desc of ['1', '2', '3', '4']) {
      const startedAt = performance.now()
      await patchDesc(dashboard, cookie, desc)
      await watch.events()
      tookMs.push(performance.now() - startedAt)
    }
    watch.stop()
    // The poll comes once a second: four changes one after the other cannot all have had the luck to meet it.
    expect(tookMs.reduce((sum, each) => sum + each)).toBeLessThan(1_500)
  })

  test('a watch from an old revision first gets what it missed, then goes on live', async () => {
    const manager = await start()
    const before = (await rangeOf(manager, '/apisix/')).revision
    await publishOrders(dashboard, cookie)
    await patchDesc(dashboard, cookie, 'missed')
    const watch = await watchFrom(manager, before + 1)
    await watch.frame()
    const missed = [await watch.events(), await watch.events(), await watch.events()]
    await patchDesc(dashboard, cookie, 'live')
    const live = await watch.events()
    watch.stop()
    expect([...missed, live].map(({ revision }) => revision - before)).toEqual([1, 2, 3, 4])
    expect([...missed, live].map(({ seen }) => seen[0].key.split('/')[2])).toEqual([
      'services',
      'routes',
      'routes',
      'routes',
    ])
    expect(live.seen[0].value.desc).toBe('live')
  })

  test('a range read amid writes is of the revision it says', async () => {
    await publishOrders(dashboard, cookie)
    const manager = await start()
    const start0 = (await rangeOf(manager, '/apisix/')).revision
    let isWriting = true
    const writing = (async () => {
      for (let index = 1; index <= 30; index += 1) await patchDesc(dashboard, cookie, String(start0 + index))
      isWriting = false
    })()
    const torn = []
    let met = 0
    while (isWriting) {
      const { revision, seen } = await rangeOf(manager, '/apisix/routes/', '/apisix/routes0')
      const route = seen.find(({ key }: Seen) => key.endsWith('orders'))
      // Every revision from here on writes this route, and writes its own number into it.
      if (revision <= start0) continue
      met += 1
      if (route.value.desc !== String(revision) || route.revision !== revision) torn.push(revision)
    }
    await writing
    expect(torn).toEqual([])
    expect(met).toBeGreaterThan(0)
    expect((await rangeOf(manager, '/apisix/')).revision).toBe(start0 + 30)
  })

  test('a service is deleted with its routes in one frame of one revision', async () => {
    await publishOrders(dashboard, cookie)
    const manager = await start()
    const watch = await watchFrom(manager, (await rangeOf(manager, '/apisix/')).revision + 1)
    await watch.frame()
    await call(dashboard, ['DELETE', '/apisix/admin/services/echo?gateway_group_id=default'], { cookie })
    const { result } = await watch.frame()
    watch.stop()
    expect(result.events.map((event: Json) => [event.type, event.kv.key, event.kv.mod_revision]).toSorted()).toEqual([
      ['DELETE', base64('/apisix/routes/orders'), result.header.revision],
      ['DELETE', base64('/apisix/services/echo'), result.header.revision],
    ])
  })

  test.each([
    ['below the kept history', -100, 0],
    ['beyond what is to come', 100, 4],
  ])('a watch %s is canceled and told where to begin', async (_where, offset, beginsAt) => {
    const manager = await start()
    const before = (await rangeOf(manager, '/apisix/')).revision
    await publishOrders(dashboard, cookie)
    await patchDesc(dashboard, cookie, 'third')
    const watch = await watchFrom(manager, before + offset)
    expect((await watch.frame()).result.created).toBe(true)
    expect((await watch.frame()).result).toMatchObject({
      canceled: true,
      compact_revision: String(before + (beginsAt || 1)),
    })
    expect(await watch.ended()).toBe(true)
  })

  test('compaction forgets old events and a watch from before them is canceled', async () => {
    await publishOrders(dashboard, cookie)
    const manager = await start()
    const { revision } = await rangeOf(manager, '/apisix/')
    const database = openDatabase(databaseUrl, () => undefined)
    await compact(database, 0)
    await database.close()
    const watch = await watchFrom(manager, revision - 1)
    await watch.frame()
    expect((await watch.frame()).result).toMatchObject({ canceled: true, compact_revision: String(revision) })
  })

  test('a watch stays open while PostgreSQL is gone, range and version say 503, and later changes still arrive', async () => {
    await publishOrders(dashboard, cookie)
    const manager = await start()
    const watch = await watchFrom(manager, (await rangeOf(manager, '/apisix/')).revision + 1)
    await watch.frame()
    await postgres.kill()
    expect(await rangeOf(manager, '/apisix', '/apisiy')).toMatchObject({ status: 503, body: { code: 14 } })
    for (const path of ['/healthz', '/version']) expect((await fetch(`${manager.url}${path}`)).status).toBe(503)
    await postgres.start()
    expect((await patchDesc(dashboard, cookie, 'after the outage')).status).toBe(200)
    const { seen } = await watch.events()
    watch.stop()
    expect(seen[0].value.desc).toBe('after the outage')
  })

  test('without PostgreSQL a gateway is not ready, though its DP Manager runs; with READY_SEES_DATABASE=0 it is', async () => {
    const blind = await dpManagerOn(databaseUrl, 'control-plane-2', { readySeesDatabase: false })
    running.push(blind)
    const gateways = await Promise.all([await start(), blind].map(({ url }) => gatewayUnderTest([url])))
    const ready = () => Promise.all(gateways.map((gateway) => statusOf(gateway.status('/status/ready'))))
    expect(await ready()).toEqual([200, 200])
    await postgres.kill()
    const without = await ready()
    await postgres.start()
    await Promise.all(gateways.map((gateway) => gateway.cut()))
    expect(without).toEqual([503, 200])
  })

  test('a stopped node ends its watches at once', async () => {
    const manager = await start()
    const watch = await watchFrom(manager, 0)
    await watch.frame()
    const startedAt = performance.now()
    await manager.close()
    expect(await watch.ended()).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('a heartbeat makes an instance Healthy, and 31 s and 2 h of silence change that', async () => {
    const manager = await start()
    const beat = await fetch(`${manager.url}/api/dataplane/heartbeat`, {
      method: 'POST',
      body: JSON.stringify({
        instance_id: 'one',
        hostname: 'data-plane-1',
        ip: '10.0.0.1',
        version: '3.10.5',
        ports: [9080],
      }),
    })
    expect([beat.status, await beat.json()]).toEqual([
      200,
      { gateway_group_id: 'default', instance_id: 'one', config: { config_version: 1, config_payload: {} } },
    ])
    const database = openDatabase(databaseUrl, () => undefined)
    const states = []
    for (const silence of ['0 s', '31 s', '121 min']) {
      await database.query('UPDATE instances SET last_heartbeat_at = now() - $1::interval', [silence])
      const { body } = await call(dashboard, ['GET', '/api/gateway_groups/default/instances'], { cookie })
      states.push([body.total, body.list[0].hostname, body.list[0].status])
    }
    await database.close()
    expect(states).toEqual([
      [1, 'data-plane-1', 'Healthy'],
      [1, 'data-plane-1', 'LostConnection'],
      [1, 'data-plane-1', 'Offline'],
    ])
  })
})
