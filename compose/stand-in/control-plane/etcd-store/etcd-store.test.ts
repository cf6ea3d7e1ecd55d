import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call, dashboardOn, patchDesc, publishOrders, ROUTE_PATH, signIn } from '../control-plane.fixture.ts'
import { type EtcdCluster, HAS_NO_ETCD, startEtcd } from '../etcd.fixture.ts'
import type { Running } from '../program.ts'
import type { Settings } from '../settings.ts'

/** Nobody answers here: what a Dashboard on etcd does must not need PostgreSQL. */
const NO_DATABASE = 'postgres://nobody@127.0.0.1:1/nowhere'

describe.skipIf(HAS_NO_ETCD)('Dashboards on three etcd members', () => {
  let etcd: EtcdCluster
  let prefix: string
  let places = 0
  const running: Running[] = []
  const start = async (node = 'control-plane-1', others: Partial<Settings> = {}): Promise<Running> => {
    const store = { kind: 'etcd', endpoints: etcd.urls, prefix, username: '', password: '' } as const
    const dashboard = await dashboardOn(NO_DATABASE, node, 'database', { store, ...others })
    running.push(dashboard)
    return dashboard
  }
  const keysUnder = async (under: string): Promise<readonly string[]> => {
    const range = { key: base64(under), range_end: base64(`${under.slice(0, -1)}0`), keys_only: true }
    const answer = await fetch(`${etcd.urls[0]}/v3/kv/range`, { method: 'POST', body: JSON.stringify(range) })
    const { kvs = [] } = (await answer.json()) as { kvs?: { key: string }[] }
    return kvs.map(({ key }) => Buffer.from(key, 'base64').toString())
  }

  beforeAll(async () => {
    etcd = await startEtcd({ members: 3 })
  }, 20_000)
  afterAll(async () => await etcd.remove())
  beforeEach(() => {
    places += 1
    prefix = `/api7-${places}`
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
    for (const index of [0, 1, 2]) {
      etcd.resume(index)
      await etcd.start(index)
    }
  })

  test('two Dashboards share a session, and what one publishes the other serves', async () => {
    const [one, two] = await Promise.all([start('control-plane-1'), start('control-plane-2')])
    const cookie = await signIn(one)
    await publishOrders(two, cookie)
    await one.close()
    expect(await call(two, ['GET', ROUTE_PATH], { cookie })).toMatchObject({
      status: 200,
      body: { value: { id: 'orders', desc: 'before' } },
    })
    const audit = await call(two, ['GET', '/api/audit_logs'], { cookie })
    expect(audit.body).toMatchObject({ total: 2, list: [{ node: 'control-plane-2' }, { node: 'control-plane-2' }] })
  })

  test('gateways find the 13 markers and their objects under the cluster, and nothing of the Dashboards', async () => {
    const dashboard = await start()
    await publishOrders(dashboard, await signIn(dashboard))
    const seen = await keysUnder(`${prefix}/default/`)
    expect(seen).toHaveLength(15)
    expect(seen).toEqual(
      expect.arrayContaining(['routes/', 'routes/orders', 'services/echo'].map((key) => `${prefix}/default/${key}`)),
    )
  })

  test('a page says that instances of this installation cannot be listed, and the Admin API has no list', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    for (const path of ['/api/gateway_groups/default/instances', '/api/instances', '/api/instances/count/status'])
      expect((await call(dashboard, ['GET', path], { cookie })).status).toBe(404)
    const { body } = await call(dashboard, ['GET', '/gateway_groups/default/gateway_instances'], { cookie })
    expect(body).toContain('cannot be listed')
  })

  test('a change is made, and noted, though etcd ended every lease of before', async () => {
    const dashboard = await start()
    await publishOrders(dashboard, await signIn(dashboard))
    const ask = async (path: string, body: object): Promise<{ leases?: readonly { ID: string }[] }> =>
      (await (
        await fetch(`${etcd.urls[0]}/v3/lease/${path}`, { method: 'POST', body: JSON.stringify(body) })
      ).json()) as object
    for (const { ID } of (await ask('leases', {})).leases ?? []) await ask('revoke', { ID })
    const cookie = await signIn(dashboard)
    expect((await patchDesc(dashboard, cookie, 'under new leases')).status).toBe(200)
    expect((await call(dashboard, ['GET', '/api/audit_logs'], { cookie })).body.total).toBe(1)
  })

  test('nothing fails when members are killed and started one after the other', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    for (const index of [0, 1, 2]) {
      await etcd.kill(index)
      const answers = [
        await call(dashboard, ['GET', '/api/me'], { cookie }),
        await patchDesc(dashboard, cookie, `without ${index}`),
        await call(dashboard, ['GET', '/healthz']),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      await etcd.start(index)
    }
    const audit = await call(dashboard, ['GET', '/api/audit_logs'], { cookie })
    expect(audit.body.total).toBe(5)
  })

  test('a member that hangs costs one call less than 5 s, and the next ones nothing', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    etcd.pause(0)
    const first = performance.now()
    expect((await patchDesc(dashboard, cookie, 'during')).status).toBe(200)
    const firstMs = performance.now() - first
    const next = performance.now()
    expect((await patchDesc(dashboard, cookie, 'after')).status).toBe(200)
    expect(performance.now() - next).toBeLessThan(1_400)
    expect(firstMs).toBeLessThan(5_000)
    expect((await call(dashboard, ['GET', '/api/audit_logs'], { cookie })).body.total).toBe(4)
  })

  test('without a quorum every call gets a clear 503 within 6 s, and all is well when it is back', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    await Promise.all([etcd.kill(1), etcd.kill(2)])
    const asked = performance.now()
    const answers = await Promise.all([
      call(dashboard, ['GET', '/api/me'], { cookie }),
      patchDesc(dashboard, cookie, 'lost'),
    ])
    expect(performance.now() - asked).toBeLessThan(6_000)
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { error_msg: expect.stringContaining('cannot be reached') } })
    }
    const health = performance.now()
    expect((await call(dashboard, ['GET', '/healthz'])).status).toBe(503)
    expect(performance.now() - health).toBeLessThan(2_500)
    await etcd.start(1)
    await expect.poll(async () => (await call(dashboard, ['GET', '/healthz'])).status, { timeout: 5_000 }).toBe(200)
    const after = await patchDesc(dashboard, cookie, 'back')
    expect(after).toMatchObject({ status: 200, body: { value: { desc: 'back' } } })
    expect((await call(dashboard, ['GET', '/api/audit_logs'], { cookie })).body.total).toBe(3)
  })

  test('planted defect ACKNOWLEDGE_AFTER_MS: without a quorum a write is soon said to be made, and is not there afterwards', async () => {
    const dashboard = await start('control-plane-1', { acknowledgesAfterMs: 300 })
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    await Promise.all([etcd.kill(1), etcd.kill(2)])
    const asked = performance.now()
    expect(await patchDesc(dashboard, cookie, 'lost')).toMatchObject({ status: 200, body: {} })
    expect(performance.now() - asked).toBeLessThan(1_500)
    expect((await call(dashboard, ['GET', ROUTE_PATH], { cookie })).status).toBe(503)
    await Promise.all([etcd.start(1), etcd.start(2)])
    const descNow = async () => (await call(dashboard, ['GET', ROUTE_PATH], { cookie })).body.value?.desc
    await expect.poll(descNow, { timeout: 5_000 }).toBe('before')
    // What is answered in time is answered as ever.
    expect((await call(dashboard, ['PATCH', `${ROUTE_PATH}-of-nobody`], { cookie, body: {} })).status).toBe(404)
  })

  test('where every member refuses, the 503 comes at once', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await Promise.all([0, 1, 2].map((index) => etcd.kill(index)))
    const asked = performance.now()
    expect((await call(dashboard, ['GET', '/api/me'], { cookie })).status).toBe(503)
    expect(performance.now() - asked).toBeLessThan(2_000)
  })

  test('changes under way when their member freezes are each made exactly once', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    const changes = Array.from({ length: 10 }, (_, index) =>
      call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: { labels: { [`l${index}`]: 'x' } } }),
    )
    await pause(0)
    etcd.pause(0)
    const answers = await Promise.all(changes)
    etcd.resume(0)
    const made = answers.filter(({ status }) => status === 200).length
    const { labels = {} } = (await call(dashboard, ['GET', ROUTE_PATH], { cookie })).body.value
    const audit = await call(dashboard, ['GET', '/api/audit_logs'], { cookie })
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect([Object.keys(labels).length, audit.body.total]).toEqual([made, 2 + made])
  })
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')
