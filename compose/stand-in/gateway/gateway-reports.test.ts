// What a gateway asks of its DP Managers before it starts, and what it tells: heartbeats, readiness, the Control API.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../upstream/upstream.ts'
import { type FakeDpManager, fakeDpManager, fakeStore } from './fake-dp-manager.fixture.ts'
import { deadPort, type Environment, type GatewayUnderTest, gatewayUnderTest, statusOf } from './gateway.fixture.ts'

const limit = { timeout: 4_000, interval: 10 }
const closing: (() => unknown)[] = []
let upstream: RunningUpstream
let dpManager: FakeDpManager

beforeEach(async () => {
  upstream = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
  closing.push(() => upstream.close())
  dpManager = await dpManagerUnderTest()
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function dpManagerUnderTest(store = fakeStore()): Promise<FakeDpManager> {
  const fake = await fakeDpManager(store)
  closing.push(() => fake.stop())
  return fake
}

async function start(endpoints: readonly string[], environment?: Environment): Promise<GatewayUnderTest> {
  const gateway = await gatewayUnderTest(endpoints, environment)
  closing.push(() => gateway.cut())
  return gateway
}

function route(uri: string, more: object = {}): object {
  return { uri, upstream: { nodes: { [`127.0.0.1:${upstream.ports.echo}`]: 1 } }, ...more }
}

test('a gateway does not start without any DP Manager', async () => {
  await expect(start([`http://127.0.0.1:${await deadPort()}`])).rejects.toThrow('all etcd nodes are unavailable')
})

test('a gateway does not start with one of two DP Managers', async () => {
  await expect(start([dpManager.url, `http://127.0.0.1:${await deadPort()}`])).rejects.toThrow(
    'at least 50% and above healthy nodes',
  )
})

test('a gateway starts with two of three DP Managers, and reads from those that answer', async () => {
  const second = await dpManagerUnderTest(dpManager.store)
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url, `http://127.0.0.1:${await deadPort()}`, second.url])
  expect(await statusOf(gateway.call('/a'))).toBe(200)
})

test('a gateway whose heartbeat is refused three times does not start', async () => {
  dpManager.refuseHeartbeats(500)
  await expect(start([dpManager.url])).rejects.toThrow(
    'failed to connect with control plane after 3 attempts, exiting...',
  )
  expect(dpManager.asked.filter((path) => path === '/api/dataplane/heartbeat')).toHaveLength(3)
})

test('heartbeats name the gateway and its revision, and go to the first endpoint only', async () => {
  const second = await dpManagerUnderTest(dpManager.store)
  await start([dpManager.url, second.url], { API7_DP_MANAGER_TOKEN: 'secret-token' })
  dpManager.store.put('/apisix/routes/a', route('/a'))
  await expect.poll(() => dpManager.heartbeats.at(-1)?.control_plane_revision, limit).toBe(2)
  expect(dpManager.heartbeats.at(-1)).toMatchObject({ hostname: 'data-plane-1', cores: 1, version: '3.10.5' })
  expect(second.heartbeats).toEqual([])
  expect(dpManager.lastHeaders()).toMatchObject({ 'control-plane-token': 'secret-token', 'gateway-version': '3.10.5' })
})

test('no token is ever logged', async () => {
  const gateway = await start([dpManager.url], { API7_DP_MANAGER_TOKEN: 'secret-token' })
  await dpManager.stop()
  await expect.poll(() => gateway.log.some(({ msg }) => msg === 'heartbeat was not taken'), limit).toBe(true)
  expect(JSON.stringify(gateway.log)).not.toContain('secret-token')
})

test('API7: ready while one of two DP Managers answers, not ready when none does, ready again on return', async () => {
  const second = await dpManagerUnderTest(dpManager.store)
  const gateway = await start([dpManager.url, second.url])
  await dpManager.stop()
  expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
  await second.stop()
  const answer = await gateway.status('/status/ready')
  expect([answer.status, await answer.json()]).toMatchObject([503, { status: 'error' }])
  expect(await statusOf(gateway.status('/status'))).toBe(200)
  await second.start()
  expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
})

test('APISIX: stays ready when no DP Manager answers', async () => {
  const gateway = await start([dpManager.url], { READY_SEMANTICS: 'apisix' })
  await dpManager.stop()
  const answer = await gateway.status('/status/ready')
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
})

test('the Control API shows a route as this gateway has it, with its revision', async () => {
  dpManager.store.put('/apisix/routes/orders', route('/orders', { desc: 'before' }))
  const gateway = await start([dpManager.url])
  expect(await (await gateway.control('/v1/route/orders')).json()).toMatchObject({
    key: '/apisix/routes/orders',
    value: { desc: 'before' },
    createdIndex: 2,
    modifiedIndex: 2,
  })
  dpManager.store.put('/apisix/routes/orders', route('/orders', { desc: 'after' }))
  await expect.poll(async () => (await (await gateway.control('/v1/routes')).json())[0].value.desc, limit).toBe('after')
  expect((await gateway.control('/v1/routes')).headers.get('x-config-revision')).toBe('3')
  expect(await statusOf(gateway.control('/v1/route/unknown'))).toBe(404)
})

test('heartbeats stop with the first endpoint, though the configuration comes on from the second', async () => {
  const second = await dpManagerUnderTest(dpManager.store)
  const gateway = await start([dpManager.url, second.url])
  await dpManager.stop()
  await expect.poll(() => gateway.log.some(({ msg }) => msg === 'heartbeat was not taken'), limit).toBe(true)
  dpManager.store.put('/apisix/routes/late', route('/late'))
  await expect.poll(() => statusOf(gateway.call('/late')), limit).toBe(200)
  expect(second.heartbeats).toEqual([])
})

test('nothing is kept on disk: a gateway that served does not start again while every DP Manager is down', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url])
  expect(await statusOf(gateway.call('/a'))).toBe(200)
  await gateway.cut()
  await dpManager.stop()
  await expect(start([dpManager.url])).rejects.toThrow('all etcd nodes are unavailable')
})

test('a reload takes over what is there; while no DP Manager answers it leaves the gateway empty and not ready', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url], { READY_SEMANTICS: 'apisix' })
  await gateway.reload()
  expect(await statusOf(gateway.call('/a'))).toBe(200)
  await dpManager.stop()
  await gateway.reload()
  expect(await statusOf(gateway.call('/a'))).toBe(404)
  expect(await statusOf(gateway.status('/status/ready'))).toBe(503)
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/a')), limit).toBe(200)
})

test('the status port speaks as each vendor does: text from API7’s gateway, JSON from APISIX, the same words in both', async () => {
  const asApi7 = await (await start([dpManager.url])).status('/status')
  expect([asApi7.headers.get('content-type'), await asApi7.json()]).toEqual([
    'text/plain; charset=utf-8',
    { status: 'ok' },
  ])
  const asApisix = await (await start([dpManager.url], { READY_SEMANTICS: 'apisix' })).status('/status/anything')
  expect([asApisix.headers.get('content-type'), await asApisix.json()]).toEqual(['application/json', { status: 'ok' }])
})
