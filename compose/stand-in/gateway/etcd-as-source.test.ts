// A gateway on a real etcd: failover when a member refuses or falls silent, name and password, prefixes, readiness.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type EtcdCluster, HAS_NO_ETCD, startEtcd } from '../control-plane/etcd.fixture.ts'
import { relayTo } from './frozen-relay.fixture.ts'
import { type Environment, type GatewayUnderTest, gatewayUnderTest, statusOf } from './gateway.fixture.ts'
import { readTimings, stalenessBoundMs, timingSets } from './timings.ts'

const limit = { timeout: 4_000, interval: 5 }
/** A plain etcd takes no heartbeats. */
const plain = { HEARTBEAT_INTERVAL_MS: '0' }
const closing: (() => unknown)[] = []
let etcd: EtcdCluster

describe.skipIf(HAS_NO_ETCD)('a gateway on a real etcd', () => {
  beforeAll(async () => {
    etcd = await startEtcd()
  })

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  afterAll(() => etcd?.remove())

  test('goes to the next endpoint within milliseconds when the one it watches is gone', async () => {
    const relay = await relayTo(member())
    const gateway = await start([relay.url, member()])
    await put('/apisix/routes/moved', '1')
    await expect.poll(() => description(gateway, 'moved'), limit).toBe('1')
    await relay.die()
    const beganAt = performance.now()
    await put('/apisix/routes/moved', '2')
    await expect.poll(() => description(gateway, 'moved'), limit).toBe('2')
    const tookMs = Math.round(performance.now() - beganAt)
    console.log(`failover to the next endpoint: ${tookMs} ms`)
    expect(tookMs).toBeLessThan(500)
  })

  test('the lab’s timings: an update arrives within 20 s when the endpoint accepts and stays silent', async () => {
    const tookMs = await tookToArrive({ GATEWAY_TIMINGS: 'lab' }, { id: 'lab', blackHoles: 1 })
    console.log(`one black hole, lab's timings: ${tookMs} ms`)
    expect(tookMs).toBeLessThanOrEqual(20_000)
    // It has to have been silent: an update that came at once says nothing about black holes.
    expect(tookMs).toBeGreaterThan(timingSets.lab.watchTimeoutMs)
  }, 40_000)

  test('the vendor’s timings a fiftieth as long: two black holes cost no more than the bound that gives 102 s unscaled', async () => {
    const environment = vendorScaled(50)
    const tookMs = await tookToArrive(environment, { id: 'vendor', blackHoles: 2 })
    console.log(`two black holes, vendor's timings / 50: ${tookMs} ms`)
    expect(tookMs).toBeLessThanOrEqual(stalenessBoundMs(readTimings(environment).timings, 2))
    expect(tookMs).toBeGreaterThan(timingSets.vendor.watchTimeoutMs / 50)
  })

  test('reads under its own prefix alone, as API7 2.x has one for each cluster', async () => {
    await put('/api7/1/routes/own', 'own')
    await put('/api7/10/routes/foreign', 'foreign')
    const gateway = await start([member()], { CONFIG_PREFIX: '/api7/1' })
    expect(await description(gateway, 'own')).toBe('own')
    expect(gateway.log.find(({ msg }) => msg === 'configuration loaded')?.items).toBe(1)
    await put('/api7/10/routes/foreign', 'changed')
    await put('/api7/1/routes/own', 'changed')
    await expect.poll(() => description(gateway, 'own'), limit).toBe('changed')
  })

  test('signs in with name and password where etcd asks for them, and does not start with a wrong one', async () => {
    const own = await startEtcd()
    closing.push(() => own.remove())
    const [url = ''] = own.urls
    await put('/apisix/routes/guarded', 'guarded', url)
    for (const [path, body] of [
      ['user/add', { name: 'root', password: 'p-4711-secret' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['enable', {}],
    ] as const) {
      await fetch(`${url}/v3/auth/${path}`, { method: 'POST', body: JSON.stringify(body) })
    }
    const gateway = await start([url], { ETCD_USERNAME: 'root', ETCD_PASSWORD: 'p-4711-secret' })
    expect(await description(gateway, 'guarded')).toBe('guarded')
    const wrong = { ETCD_USERNAME: 'root', ETCD_PASSWORD: 'wrong', BOOT_LIMIT_MS: '500' }
    await expect(start([url], wrong)).rejects.toThrow('no DP Manager gave the configuration within 500 ms')
    expect(JSON.stringify(gateway.log)).not.toContain('p-4711-secret')
  })

  test('API7: of three members two may go and it stays ready; with the third it is not ready at once', async () => {
    const own = await startEtcd({ members: 3 })
    closing.push(() => own.remove())
    const gateway = await start(own.urls)
    for (const [index, expected] of [
      [0, 200],
      [1, 200],
      [2, 503],
    ] as const) {
      await own.kill(index)
      expect([index, await statusOf(gateway.status('/status/ready'))]).toEqual([index, expected])
    }
  })
})

function member(): string {
  return etcd.urls[0] ?? ''
}

async function start(endpoints: readonly string[], environment: Environment = {}): Promise<GatewayUnderTest> {
  const gateway = await gatewayUnderTest(endpoints, { ...plain, ...environment })
  closing.push(() => gateway.cut())
  return gateway
}

/** How long an update takes, in ms, when relays before one etcd fall silent while the gateway watches through the first of them. */
async function tookToArrive(
  environment: Environment,
  { id, blackHoles }: { readonly id: string; readonly blackHoles: number },
): Promise<number> {
  const relays = await Promise.all(Array.from({ length: blackHoles }, () => relayTo(member())))
  closing.push(() => Promise.all(relays.map((relay) => relay.die())))
  await put(`/apisix/routes/${id}`, 'before')
  const gateway = await start([...relays.map(({ url }) => url), member()], { ...unquick, ...environment })
  await put(`/apisix/routes/${id}`, 'watched')
  await expect.poll(() => description(gateway, id), limit).toBe('watched')
  for (const relay of relays) relay.freeze()
  const beganAt = performance.now()
  await put(`/apisix/routes/${id}`, 'after')
  await expect.poll(() => description(gateway, id), { timeout: 30_000, interval: 20 }).toBe('after')
  return Math.round(performance.now() - beganAt)
}

/** Takes back the fixture's quick timings, so that those of the set hold. */
const unquick: Environment = {
  WATCH_TIMEOUT_MS: '',
  BACKOFF_BASE_MS: '',
  BACKOFF_MAX_MS: '',
  RESYNC_DELAY_MS: '',
  HEALTH_FAIL_WINDOW_MS: '',
}

function vendorScaled(by: number): Environment {
  const { vendor } = timingSets
  const scaled = {
    WATCH_TIMEOUT_MS: vendor.watchTimeoutMs,
    CALL_TIMEOUT_MS: vendor.callTimeoutMs,
    CONNECT_TIMEOUT_MS: vendor.connectTimeoutMs,
    BACKOFF_BASE_MS: vendor.backoffBaseMs,
    BACKOFF_MAX_MS: vendor.backoffMaxMs,
    RESYNC_DELAY_MS: vendor.resyncDelayMs,
    HEALTH_FAIL_WINDOW_MS: vendor.healthFailWindowMs,
  }
  return Object.fromEntries(Object.entries(scaled).map(([name, ms]) => [name, String(ms / by)]))
}

async function description(gateway: GatewayUnderTest, id: string): Promise<unknown> {
  return (await (await gateway.control(`/v1/route/${id}`)).json()).value?.desc
}

async function put(key: string, desc: string, url = member()): Promise<void> {
  const [encodedKey, value] = [
    key,
    JSON.stringify({ uri: `/${desc}`, desc, upstream: { type: 'roundrobin', nodes: {} } }),
  ].map((text) => Buffer.from(text).toString('base64'))
  const answer = await fetch(`${url}/v3/kv/put`, { method: 'POST', body: JSON.stringify({ key: encodedKey, value }) })
  if (!answer.ok) throw new Error(`put was answered ${answer.status}: ${await answer.text()}`)
}
