// The gateway as a process: what QUIT and TERM do to calls under way, when it exits by itself, and the defect of early listening.
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../upstream/upstream.ts'
import { type FakeDpManager, fakeDpManager } from './fake-dp-manager.fixture.ts'
import { type Environment, type GatewayProcess, gatewayProcess, statusOf } from './gateway.fixture.ts'

const limit = { timeout: 4_000, interval: 10 }
const closing: (() => unknown)[] = []
let upstream: RunningUpstream
let dpManager: FakeDpManager

beforeEach(async () => {
  upstream = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
  dpManager = await fakeDpManager()
  const nodes = [{ host: '127.0.0.1', port: upstream.ports.echo, weight: 1 }]
  dpManager.store.put('/apisix/routes/all', { uri: '/*', upstream: { nodes } })
  closing.push(
    () => upstream.close(),
    () => dpManager.stop(),
  )
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(environment?: Environment): Promise<GatewayProcess> {
  const gateway = await gatewayProcess([dpManager.url], environment)
  closing.push(() => gateway.child.kill('SIGKILL'))
  return gateway
}

/** How many calls the upstream has taken. */
async function taken(): Promise<number> {
  const { requests } = (await (await fetch(`http://127.0.0.1:${upstream.ports.seen}/seen`)).json()) as {
    requests: number
  }
  return requests
}

/** The error code of a new connection, or `connected`. */
function connecting(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve('connected'))
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    socket.on('connect', () => socket.destroy())
  })
}

test('QUIT refuses new connections at once on every port, answers the call under way with Connection: close, and exits 0', async () => {
  const gateway = await start()
  await (await gateway.call('/warm')).text()
  let isAnswered = false
  const slow = gateway.call('/slow?delayMs=1000').finally(() => {
    isAnswered = true
  })
  await expect.poll(taken, limit).toBe(2)
  gateway.child.kill('SIGQUIT')
  const { traffic, status, control } = gateway.ports
  for (const port of [traffic, status, control]) await expect.poll(() => connecting(port), limit).toBe('ECONNREFUSED')
  expect(isAnswered).toBe(false)
  const answer = await slow
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
  expect(await answer.json()).toMatchObject({ path: '/slow?delayMs=1000' })
  expect(await gateway.exit).toBe(0)
})

test('QUIT with idle connections only exits at once', async () => {
  const gateway = await start()
  await (await gateway.call('/warm')).text()
  const beganAt = performance.now()
  gateway.child.kill('SIGQUIT')
  expect(await gateway.exit).toBe(0)
  // Calls under way may hold it up for minutes; a process that ends beside others takes its time.
  expect(performance.now() - beganAt).toBeLessThan(3_000)
})

test('QUIT cuts a call that is not answered within the shutdown timeout', async () => {
  const gateway = await start({ SHUTDOWN_TIMEOUT_MS: '300' })
  const slow = gateway.call('/slow?delayMs=20000').catch((error: unknown) => error)
  await expect.poll(taken, limit).toBe(1)
  gateway.child.kill('SIGQUIT')
  expect(await slow).toBeInstanceOf(Error)
  expect(await gateway.exit).toBe(0)
})

test('TERM cuts the call under way', async () => {
  const gateway = await start()
  const slow = gateway.call('/slow?delayMs=20000').catch((error: unknown) => error)
  await expect.poll(taken, limit).toBe(1)
  gateway.child.kill('SIGTERM')
  expect(await gateway.exit).toBe(0)
  expect(await slow).toBeInstanceOf(Error)
})

test('without a DP Manager the process exits with 1 and says why', async () => {
  await dpManager.stop()
  const gateway = await start()
  expect(await gateway.exit).toBe(1)
  expect(gateway.log.at(-1)?.msg).toMatch(/^all etcd nodes are unavailable: http.*ECONNREFUSED/)
  await dpManager.start()
})

test('HUP reads the configuration again, and the process stays', async () => {
  const gateway = await start()
  const reads = () => dpManager.asked.filter((path) => path === '/v3/kv/range').length
  expect(reads()).toBe(1)
  gateway.child.kill('SIGHUP')
  await expect.poll(reads, limit).toBeGreaterThan(1)
  await expect.poll(() => statusOf(gateway.call('/still')), limit).toBe(200)
})

test('without the defect nothing listens before the configuration is loaded', async () => {
  const port = String(await freePort())
  const starting = start({ CONFIG_LOAD_DELAY_MS: '600', STATUS_PORT: port })
  await expect.poll(() => dpManager.heartbeats.length, limit).toBe(1)
  expect(await connecting(Number(port))).toBe('ECONNREFUSED')
  expect((await (await starting).status('/status/ready')).status).toBe(200)
})

test('planted defect LISTEN_BEFORE_CONFIG: alive but not ready, and calls get 404, until the configuration is loaded', async () => {
  const [trafficPort, port] = [await freePort(), await freePort()]
  const ports = { TRAFFIC_PORT: String(trafficPort), STATUS_PORT: String(port) }
  const starting = start({ LISTEN_BEFORE_CONFIG: '1', CONFIG_LOAD_DELAY_MS: '600', ...ports })
  await expect.poll(() => connecting(port), limit).toBe('connected')
  const look = async (url: string): Promise<number> => (await fetch(url)).status
  const statusBase = `http://127.0.0.1:${port}`
  expect(await look(`${statusBase}/status`)).toBe(200)
  expect(await look(`${statusBase}/status/ready`)).toBe(503)
  expect(await look(`http://127.0.0.1:${trafficPort}/any`)).toBe(404)
  const gateway = await starting
  expect((await gateway.status('/status/ready')).status).toBe(200)
  expect((await gateway.call('/any')).status).toBe(200)
})

test('planted defect BOOT_CHECK: without a DP Manager it starts, alive but not ready, and calls get 404 until one answers', async () => {
  await dpManager.stop()
  const gateway = await start({ BOOT_CHECK: 'none' })
  expect((await gateway.status('/status')).status).toBe(200)
  expect((await gateway.status('/status/ready')).status).toBe(503)
  expect(await statusOf(gateway.call('/any'))).toBe(404)
  await dpManager.start()
  await expect.poll(() => statusOf(gateway.call('/any')), limit).toBe(200)
})

/** Below those that the kernel gives away by itself: one of them may be another test's by the time it is used. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}
