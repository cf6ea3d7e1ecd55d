// Standalone mode: a gateway that lives from a file, what it takes from it, and what it refuses.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../../upstream/upstream.ts'
import { type Environment, type GatewayUnderTest, gatewayUnderTest, statusOf } from '../gateway.fixture.ts'
import { itemsOf, resourcesOf } from './resources.ts'

const limit = { timeout: 6_000, interval: 20 }
const closing: (() => unknown)[] = []
let upstream: RunningUpstream
let folder: string

beforeEach(async () => {
  upstream = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
  folder = await mkdtemp(join(tmpdir(), 'firedrill-standalone-'))
  closing.push(
    () => upstream.close(),
    () => rm(folder, { recursive: true }),
  )
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(path: string, environment: Environment = {}): Promise<GatewayUnderTest> {
  const provider = path.endsWith('.json') ? 'json' : 'yaml'
  const standalone = { DEPLOYMENT_ROLE: 'data_plane', CONFIG_PROVIDER: provider, CONFIG_FILE: path }
  const gateway = await gatewayUnderTest([], { ...standalone, ...environment })
  closing.push(() => gateway.cut())
  return gateway
}

const yamlOf = (uri: string) =>
  `routes:\n  - uri: ${uri}\n    upstream:\n      type: roundrobin\n      nodes:\n        "127.0.0.1:${upstream.ports.echo}": 1\n#END\n`
const failures = (gateway: GatewayUnderTest) =>
  gateway.log.filter(({ msg }) => msg === 'failed to load the configuration').map(({ reason }) => String(reason))

test('apisix.yaml is served, a change to it is taken within two seconds, and nobody is asked for heartbeats', async () => {
  const path = join(folder, 'apisix.yaml')
  await writeFile(path, yamlOf('/old'))
  const gateway = await start(path)
  expect(await statusOf(gateway.call('/old'))).toBe(200)
  expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
  const beganAt = performance.now()
  await writeFile(path, yamlOf('/new'))
  await expect.poll(() => statusOf(gateway.call('/new')), limit).toBe(200)
  expect(performance.now() - beganAt).toBeLessThan(2_000)
  expect(await statusOf(gateway.call('/old'))).toBe(404)
  expect(gateway.log.map(({ msg }) => msg)).toContain('skipped registering timer because config type: yaml')
})

test('a file without #END, and one that is no YAML, change nothing and are logged once each', async () => {
  const path = join(folder, 'apisix.yaml')
  await writeFile(path, yamlOf('/old'))
  const gateway = await start(path)
  await writeFile(path, yamlOf('/half').replace('#END', ''))
  await expect.poll(() => failures(gateway), limit).toHaveLength(1)
  await writeFile(path, 'routes: [}\n#END\n')
  await expect.poll(() => failures(gateway), limit).toHaveLength(2)
  expect(failures(gateway)[0]).toContain('missing valid end flag in file')
  expect(await statusOf(gateway.call('/old'))).toBe(200)
})

test('without a file the gateway listens, answers 404 and is not ready; it is ready once the file is there', async () => {
  const path = join(folder, 'apisix.yaml')
  const gateway = await start(path)
  expect(await statusOf(gateway.call('/any'))).toBe(404)
  const answer = await gateway.status('/status/ready')
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { status: 'error', error: 'worker id: 0 has not received configuration' },
  ])
  await writeFile(path, yamlOf('/any'))
  await expect.poll(() => statusOf(gateway.status('/status/ready')), limit).toBe(200)
  expect(await statusOf(gateway.call('/any'))).toBe(200)
})

test('apisix.json is served; APISIX is never ready with that provider, API7’s gateway is', async () => {
  const path = join(folder, 'apisix.json')
  const nodes = { [`127.0.0.1:${upstream.ports.echo}`]: 1 }
  const route = { id: 'r', uri: '/json', upstream: { type: 'roundrobin', nodes } }
  await writeFile(path, JSON.stringify({ routes: [route] }))
  const gateway = await start(path)
  expect(await statusOf(gateway.call('/json'))).toBe(200)
  expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
  const asApisix = await start(path, { READY_SEMANTICS: 'apisix' })
  const answer = await asApisix.status('/status/ready')
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { status: 'error', error: 'unknown config provider: json' },
  ])
})

test('providers other than etcd are for data-plane nodes alone', async () => {
  await expect(start(join(folder, 'apisix.yaml'), { DEPLOYMENT_ROLE: 'traditional' })).rejects.toThrow(
    'expected DEPLOYMENT_ROLE=data_plane',
  )
})

test('an entry that is as it was keeps its revision; one without an id is named for its place, a consumer for its user', () => {
  const first = resourcesOf({
    routes: [{ uri: '/a' }, { id: 'b', uri: '/b' }],
    consumers: [{ username: 'jo' }],
    plugins: [],
  })
  const before = itemsOf(first, { prefix: '/p', revision: 1, before: [] })
  const second = resourcesOf({ ...first, routes: [{ uri: '/a' }, { id: 'b', uri: '/c' }] })
  const after = itemsOf(second, { prefix: '/p', revision: 2, before })
  expect(after.map(({ key, modifiedIndex, createdIndex }) => [key, modifiedIndex, createdIndex])).toEqual([
    ['/p/routes/arr_1', 1, 1],
    ['/p/routes/b', 2, 1],
    ['/p/consumers/jo', 1, 1],
    ['/p/plugins', 1, 1],
  ])
  expect(() => resourcesOf({ routes: {} })).toThrow('routes is an object, expected a list')
})
