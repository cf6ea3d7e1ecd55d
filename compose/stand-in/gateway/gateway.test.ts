// A gateway against small DP Managers and an upstream on real sockets: configuration, loss and return.
import { once } from 'node:events'
import { get } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../upstream/upstream.ts'
import { type FakeDpManager, fakeDpManager, fakeStore } from './fake-dp-manager.fixture.ts'
import { type Environment, type GatewayUnderTest, gatewayUnderTest, statusOf } from './gateway.fixture.ts'

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

/** How often each status came over so many connections of one call each. */
async function statusesOver(connections: number, port: number, path: string): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let i = 0; i < connections; i += 1) {
    const [response] = await once(get({ host: '127.0.0.1', port, path, agent: false }), 'response')
    response.resume()
    counts[response.statusCode] = (counts[response.statusCode] ?? 0) + 1
  }
  return counts
}

/** With these an endpoint that is skipped stays so for longer than any test waits. */
const neverSkippedBriefly = { HEALTH_FAIL_WINDOW_MS: '60000', BACKOFF_BASE_MS: '60000', BACKOFF_MAX_MS: '60000' }

test('a route of the first full read is served, a change to it is applied live, and a deleted one is gone', async () => {
  dpManager.store.put('/apisix/routes/orders', route('/orders/*'))
  const gateway = await start([dpManager.url])
  const first = await gateway.call('/orders/1?x=2', { headers: { 'X-Request-Id': 'r-1' } })
  expect(first.status).toBe(200)
  expect(await first.json()).toMatchObject({ path: '/orders/1?x=2', method: 'GET', requestId: 'r-1' })

  dpManager.store.put('/apisix/routes/orders', route('/moved/*'))
  await expect.poll(() => statusOf(gateway.call('/moved/1')), limit).toBe(200)
  expect(await statusOf(gateway.call('/orders/1'))).toBe(404)

  dpManager.store.remove('/apisix/routes/orders')
  await expect.poll(() => statusOf(gateway.call('/moved/1')), limit).toBe(404)
})

test('a call without a route gets 404 and the words of APISIX', async () => {
  const gateway = await start([dpManager.url])
  const answer = await gateway.call('/nowhere')
  expect([answer.status, await answer.json()]).toEqual([404, { error_msg: '404 Route Not Found' }])
  expect(answer.headers.get('server')).toBe('APISIX/3.x-stand-in')
})

test('a route takes upstream and plugins of its service, and response-rewrite sets a header that changes live', async () => {
  const nodes = [{ host: '127.0.0.1', port: upstream.ports.echo, weight: 1 }]
  const rewrite = (value: string) => ({ 'response-rewrite': { headers: { set: { 'X-Drill': value } } }, unheard: {} })
  dpManager.store.put('/apisix/services/s', { name: 's', upstream: { nodes }, plugins: rewrite('one') })
  dpManager.store.put('/apisix/routes/r', { paths: ['/r'], service_id: 's' })
  const gateway = await start([dpManager.url])
  expect((await gateway.call('/r')).headers.get('x-drill')).toBe('one')

  dpManager.store.put('/apisix/services/s', { name: 's', upstream: { nodes }, plugins: rewrite('two') })
  await expect.poll(async () => (await gateway.call('/r')).headers.get('x-drill'), limit).toBe('two')
  expect(gateway.log.filter(({ msg }) => msg.includes('plugin unheard'))).toHaveLength(1)
})

test('a route with status 0 is absent, one without nodes answers 503, one that cannot be read harms no other', async () => {
  dpManager.store.put('/apisix/routes/off', route('/off', { status: 0 }))
  dpManager.store.put('/apisix/routes/empty', { uri: '/empty', upstream: { nodes: [] } })
  dpManager.store.put('/apisix/routes/bad', { upstream: {} })
  dpManager.store.put('/apisix/routes/good', route('/good'))
  const gateway = await start([dpManager.url])
  const statuses = await Promise.all(['/off', '/empty', '/good'].map((path) => statusOf(gateway.call(path))))
  expect(statuses).toEqual([404, 503, 200])
})

test('the configuration serves on without any DP Manager, and a change made meanwhile arrives on its return', async () => {
  dpManager.store.put('/apisix/routes/old', route('/old'))
  const gateway = await start([dpManager.url])
  await dpManager.stop()
  await expect.poll(() => gateway.log.some(({ msg }) => msg.startsWith('no healthy etcd endpoint')), limit).toBe(true)
  expect(await statusOf(gateway.call('/old'))).toBe(200)

  dpManager.store.put('/apisix/routes/new', route('/new'))
  dpManager.store.remove('/apisix/routes/old')
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/new')), limit).toBe(200)
  expect(await statusOf(gateway.call('/old'))).toBe(404)
  expect(gateway.log.some(({ msg }) => msg === 'reconnected to etcd')).toBe(true)
  expect(dpManager.asked.filter((path) => path === '/v3/kv/range')).toHaveLength(1)
})

test('a watch that was closed is opened again at the revision after the last change, on the next endpoint', async () => {
  const second = await dpManagerUnderTest(dpManager.store)
  const gateway = await start([dpManager.url, second.url])
  await expect.poll(() => [...dpManager.watches(), ...second.watches()], limit).toEqual([2])
  dpManager.store.put('/apisix/routes/a', route('/a'))
  await expect.poll(() => statusOf(gateway.call('/a')), limit).toBe(200)
  const [holder, other] = dpManager.watches().length === 1 ? [dpManager, second] : [second, dpManager]
  holder.endWatches()
  await expect.poll(() => other.watches(), limit).toEqual([3])
})

test('watches that break off again and again are never counted against their endpoint, and no change is missed', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url], neverSkippedBriefly)
  for (let time = 1; time <= 4; time += 1) {
    await expect.poll(() => dpManager.watches(), limit).toHaveLength(1)
    dpManager.endWatches()
    dpManager.store.put('/apisix/routes/a', route('/a', { desc: `change ${time}` }))
  }
  const shown = async () => (await (await gateway.control('/v1/route/a')).json()).value.desc
  await expect.poll(shown, limit).toBe('change 4')
})

test('a silent watch is opened again from the same revision after the watch timeout', async () => {
  const gateway = await start([dpManager.url], { WATCH_TIMEOUT_MS: '100', ...neverSkippedBriefly })
  const opened = () => dpManager.asked.filter((path) => path === '/v3/watch').length
  await expect.poll(opened, { ...limit, timeout: 10_000 }).toBeGreaterThan(4)
  dpManager.store.put('/apisix/routes/a', route('/a'))
  await expect.poll(() => statusOf(gateway.call('/a')), limit).toBe(200)
  expect(dpManager.asked.filter((path) => path === '/v3/kv/range')).toHaveLength(1)
})

test('a compacted start revision makes the gateway read everything again', async () => {
  dpManager.store.put('/apisix/routes/old', route('/old'))
  const gateway = await start([dpManager.url])
  await dpManager.stop()
  dpManager.store.remove('/apisix/routes/old')
  dpManager.store.put('/apisix/routes/new', route('/new'))
  dpManager.store.compact()
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/new')), limit).toBe(200)
  expect(await statusOf(gateway.call('/old'))).toBe(404)
})

test('a watch from beyond what a restored DP Manager has makes the gateway read everything again', async () => {
  for (const id of ['a', 'b', 'c']) dpManager.store.put(`/apisix/routes/${id}`, route(`/${id}`))
  const gateway = await start([dpManager.url])
  await dpManager.stop()
  dpManager.store.rollBack(1)
  dpManager.store.put('/apisix/routes/d', route('/d'))
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/d')), limit).toBe(200)
})

test('a change of a smaller revision than the last one makes the gateway read everything again', async () => {
  for (const id of ['a', 'b', 'c']) dpManager.store.put(`/apisix/routes/${id}`, route(`/${id}`))
  const gateway = await start([dpManager.url])
  await expect.poll(() => dpManager.watches(), limit).toHaveLength(1)
  dpManager.store.rollBack(1)
  dpManager.store.put('/apisix/routes/d', route('/d'))
  await expect.poll(() => statusOf(gateway.call('/d')), limit).toBe(200)
  expect(gateway.log.some(({ because }) => String(because).startsWith('received smaller revision'))).toBe(true)
})

test('a line that the protocol forbids ends the watch, and the gateway comes back to it', async () => {
  const gateway = await start([dpManager.url])
  await expect.poll(() => dpManager.watches(), limit).toHaveLength(1)
  dpManager.say('\n')
  await expect
    .poll(() => gateway.log.some(({ msg }) => msg.startsWith('failed to fetch data from etcd')), limit)
    .toBe(true)
  await expect.poll(() => dpManager.watches(), limit).toHaveLength(1)
})

test('planted defect give-up: what was loaded is served on, and a change after the return of its DP Manager never comes', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url], { ON_DP_MANAGER_LOSS: 'give-up' })
  await dpManager.stop()
  await expect.poll(() => gateway.log.some(({ msg }) => msg.startsWith('planted defect')), limit).toBe(true)
  await dpManager.start()
  dpManager.store.put('/apisix/routes/b', route('/b'))
  const asked = () => dpManager.asked.filter((path) => path.startsWith('/v3/')).length
  const [askedBefore, beatsBefore] = [asked(), dpManager.heartbeats.length]
  await expect.poll(() => dpManager.heartbeats.length, limit).toBeGreaterThan(beatsBefore + 3)
  expect(asked()).toBe(askedBefore)
  expect([await statusOf(gateway.call('/a')), await statusOf(gateway.call('/b'))]).toEqual([200, 404])
})

test('planted defect newest: what came while nobody watched is never heard of, and what comes later is', async () => {
  const gateway = await start([dpManager.url], { WATCH_RESUMES: 'newest' })
  dpManager.store.put('/apisix/routes/watched', route('/watched'))
  await expect.poll(() => statusOf(gateway.call('/watched')), limit).toBe(200)
  await dpManager.stop()
  dpManager.store.put('/apisix/routes/missed', route('/missed'))
  await dpManager.start()
  await expect.poll(() => dpManager.watches(), limit).toHaveLength(1)
  dpManager.store.put('/apisix/routes/heard', route('/heard'))
  await expect.poll(() => statusOf(gateway.call('/heard')), limit).toBe(200)
  expect(await statusOf(gateway.call('/missed'))).toBe(404)
})

test('planted defect merge: what was deleted is back when everything is read again', async () => {
  dpManager.store.put('/apisix/routes/deleted', route('/deleted'))
  const gateway = await start([dpManager.url], { RESYNC: 'merge' })
  dpManager.store.remove('/apisix/routes/deleted')
  await expect.poll(() => statusOf(gateway.call('/deleted')), limit).toBe(404)
  await dpManager.stop()
  dpManager.store.put('/apisix/routes/new', route('/new'))
  dpManager.store.put('/apisix/routes/newer', route('/newer'))
  dpManager.store.compact()
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/new')), limit).toBe(200)
  expect(await statusOf(gateway.call('/deleted'))).toBe(200)
})

test('planted defect stale worker: what is changed or deleted stays at every fourth connection, also of the Control API', async () => {
  dpManager.store.put('/apisix/routes/old', route('/old'))
  const gateway = await start([dpManager.url], { STALE_WORKER_OF: '4' })
  dpManager.store.put('/apisix/routes/new', route('/new'))
  await expect.poll(() => statusesOver(4, gateway.ports.traffic, '/new'), limit).toEqual({ 200: 4 })
  dpManager.store.remove('/apisix/routes/old')
  dpManager.store.put('/apisix/routes/new', route('/newer'))
  await expect.poll(() => statusesOver(8, gateway.ports.traffic, '/newer'), limit).toEqual({ 200: 6, 404: 2 })
  expect(await statusesOver(8, gateway.ports.traffic, '/new')).toEqual({ 200: 2, 404: 6 })
  expect(await statusesOver(8, gateway.ports.control, '/v1/route/old')).toEqual({ 200: 2, 404: 6 })
})

test('planted defect drop-config: every call gets 404 while no DP Manager answers, and none after its return', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url], { ON_DP_MANAGER_LOSS: 'drop-config' })
  expect(await statusOf(gateway.call('/a'))).toBe(200)
  await dpManager.stop()
  await expect.poll(() => statusOf(gateway.call('/a')), limit).toBe(404)
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/a')), limit).toBe(200)
})

test('planted defect of the status: without a DP Manager it says what `/status/ready` says, and the calls are answered', async () => {
  dpManager.store.put('/apisix/routes/a', route('/a'))
  const gateway = await start([dpManager.url], { STATUS_ASKS: 'ready' })
  const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${gateway.ports.status}/status`)).status
  expect(await status()).toBe(200)
  await dpManager.stop()
  await expect.poll(status, limit).toBe(503)
  expect(await statusOf(gateway.call('/a'))).toBe(200)
})
