// Fallback CP against real servers: a backup node writes, and a data-plane node boots while no control-plane node is there.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../../upstream/upstream.ts'
import { type FakeDpManager, fakeDpManager } from '../fake-dp-manager.fixture.ts'
import {
  deadPort,
  type Environment,
  environmentFor,
  type GatewayUnderTest,
  gatewayUnderTest,
  type LogLine,
  logInto,
  statusOf,
} from '../gateway.fixture.ts'
import { startGateway } from '../gateway.ts'
import { readSettings } from '../settings.ts'
import { readFallback } from './fallback-settings.ts'
import type { ObjectStore } from './object-store.ts'
import { azureServer, type RunningStore, s3Server, secret } from './object-stores.fixture.ts'
import { openObjectStore } from './open-object-store.ts'

const limit = { timeout: 8_000, interval: 20 }
const closing: (() => unknown)[] = []
let upstream: RunningUpstream
let dpManager: FakeDpManager

describe.each([
  ['S3', s3Server],
  ['Azure Blob', azureServer],
])('on %s', (_name, server) => {
  let running: RunningStore
  let store: ObjectStore
  let group = 0

  beforeAll(async () => {
    running = await server()
    const settings = readFallback(running.environment)
    if (settings === undefined) throw new Error('the fixture names no store')
    store = await openObjectStore(settings.store)
  })

  beforeEach(async () => {
    upstream = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
    dpManager = await fakeDpManager()
    group += 1
    closing.push(
      () => upstream.close(),
      () => dpManager.stop(),
    )
  })

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  afterAll(async () => {
    store?.close()
    await running?.remove()
  })

  const key = () => `group-${group}`
  const backupNode = () =>
    start([dpManager.url], {
      ...running.environment,
      FALLBACK_CP_MODE: 'write',
      FALLBACK_CP_INTERVAL: '0.2',
      API7_GATEWAY_GROUP_SHORT_ID: key(),
    })
  const dataPlane = (): Environment => ({
    ...running.environment,
    DEPLOYMENT_ROLE: 'data_plane',
    CONFIG_PROVIDER: 'json',
    FALLBACK_CP_INTERVAL: '0.2',
    API7_GATEWAY_GROUP_SHORT_ID: key(),
  })
  const dataPlaneNode = () => start([], dataPlane())
  const written = async () => JSON.parse(await store.read('resource', key()))

  test('a node boots from the two objects while every DP Manager is down, and follows later ones', async () => {
    dpManager.store.put('/apisix/routes/r', { ...route('/saved'), create_time: 1, update_time: 2 })
    dpManager.store.put('/apisix/consumers/jo/credentials/c', { plugins: {} })
    dpManager.store.put('/apisix/plugins', [{ name: 'response-rewrite' }])
    const backup = await backupNode()
    await expect.poll(written, limit).toEqual({
      routes: [{ ...route('/saved'), id: 'r' }],
      services: [],
      upstreams: [],
      consumers: [{ plugins: {}, id: 'jo/credentials/c' }],
      ssls: [],
      global_rules: [],
      plugin_metadata: [],
      plugins: [{ name: 'response-rewrite' }],
    })
    expect(JSON.parse(await store.read('config', key()))).toEqual({ config: { config_version: 0, config_payload: {} } })

    await dpManager.stop()
    const node = await dataPlaneNode()
    expect(await statusOf(node.call('/saved'))).toBe(200)
    expect(await statusOf(node.status('/status/ready'))).toBe(200)
    expect(node.log.map(({ msg }) => msg)).toContain('skipped registering timer because config type: json')

    await dpManager.start()
    dpManager.store.put('/apisix/routes/r', route('/changed'))
    await expect.poll(() => statusOf(node.call('/changed')), limit).toBe(200)
    expect(JSON.stringify([...node.log, ...backup.log])).not.toContain(secret)
  })

  test('a backup node takes no calls, and writes nothing over a good backup once it cannot start', async () => {
    dpManager.store.put('/apisix/routes/r', route('/saved'))
    const backup = await backupNode()
    expect(backup.ports.traffic).toBe(0)
    expect(await statusOf(backup.status('/status'))).toBe(200)
    await expect.poll(async () => (await written()).routes, limit).toHaveLength(1)
    await backup.cut()
    await dpManager.stop()
    await expect(backupNode()).rejects.toThrow('all etcd nodes are unavailable')
    expect((await written()).routes).toHaveLength(1)
    await dpManager.start()
  })

  test('objects that are missing, torn or garbled are said, and taken as soon as they are whole', async () => {
    const lines: LogLine[] = []
    const settings = readSettings(environmentFor([], dataPlane()))
    const starting = startGateway(settings, logInto(lines))
    closing.push(async () => (await starting).cut())
    const said = (words: RegExp) =>
      expect.poll(() => lines.some(({ reason }) => words.test(String(reason))), limit).toBe(true)
    await said(/the (resource|config) object 'group-\d+' cannot be read: .+/)
    await store.write('config', key(), goodConfig)
    await store.write('resource', key(), '{"routes":[{"ur')
    await said(/the resource object 'group-\d+' \(15 characters\) makes no sense/)
    await store.write('config', key(), 'garbled')
    await store.write('resource', key(), JSON.stringify({ routes: [route('/good')] }))
    await said(/the config object 'group-\d+' \(7 characters\) makes no sense/)
    await store.write('config', key(), goodConfig)
    const { ports } = await starting
    const good = () => statusOf(fetch(`http://127.0.0.1:${ports.traffic}/good`))
    expect(await good()).toBe(200)

    await store.write('resource', key(), '{"routes":[{"uri":"/go')
    await said(/the resource object 'group-\d+' \(22 characters\) makes no sense/)
    expect(await good()).toBe(200)
  })

  test('a store that is down keeps what is served, and is read again on its return', async () => {
    await store.write('config', key(), goodConfig)
    await store.write('resource', key(), JSON.stringify({ routes: [route('/first')] }))
    const node = await dataPlaneNode()
    await running.kill()
    await expect.poll(() => node.log.some(({ msg }) => msg === 'failed to load the configuration'), limit).toBe(true)
    expect(await statusOf(node.call('/first'))).toBe(200)
    await running.start()
    await store.write('resource', key(), JSON.stringify({ routes: [route('/second')] }))
    await expect.poll(() => statusOf(node.call('/second')), limit).toBe(200)
  })
})

test('a backup node without a group says so and writes nothing', async () => {
  const fake = await fakeDpManager()
  closing.push(() => fake.stop())
  const nowhere = `http://127.0.0.1:${await deadPort()}`
  const gateway = await start([fake.url], {
    FALLBACK_CP_MODE: 'write',
    FALLBACK_CP_S3_RESOURCE_BUCKET: 'resource',
    FALLBACK_CP_S3_CONFIG_BUCKET: 'config',
    FALLBACK_CP_S3_ENDPOINT: nowhere,
  })
  const said = () => gateway.log.map(({ msg }) => msg)
  await expect.poll(said, limit).toContain('gateway group id not found, skipping backup')
  expect(said()).not.toContain('backup failed')
  for (const close of closing.splice(0).reverse()) await close()
})

const goodConfig = JSON.stringify({ config: { config_version: 1, config_payload: {} } })

async function start(endpoints: readonly string[], environment: Environment): Promise<GatewayUnderTest> {
  const gateway = await gatewayUnderTest(endpoints, environment)
  closing.push(() => gateway.cut())
  return gateway
}

function route(uri: string): object {
  return { uri, upstream: { type: 'roundrobin', nodes: [{ host: '127.0.0.1', port: upstream.ports.echo, weight: 1 }] } }
}
