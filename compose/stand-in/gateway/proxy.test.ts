// Calls through a gateway to upstreams of every temper: balanced, dead, slow, cut, streaming.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningUpstream, startUpstream } from '../upstream/upstream.ts'
import { fakeDpManager } from './fake-dp-manager.fixture.ts'
import { deadPort, type GatewayUnderTest, gatewayUnderTest } from './gateway.fixture.ts'

const closing: (() => unknown)[] = []
let echo: RunningUpstream

beforeEach(async () => {
  echo = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
  closing.push(() => echo.close())
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A gateway with one route for everything, to these ports of this machine. */
async function gatewayTo(ports: readonly number[], upstream: object = {}): Promise<GatewayUnderTest> {
  const dpManager = await fakeDpManager()
  closing.push(() => dpManager.stop())
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port, weight: 1 }))
  dpManager.store.put('/apisix/routes/all', { uri: '/*', upstream: { nodes, ...upstream } })
  const gateway = await gatewayUnderTest([dpManager.url])
  closing.push(() => gateway.cut())
  return gateway
}

async function upstreamThat(answers: RequestListener): Promise<number> {
  const server = createServer(answers)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

test('calls go to the nodes in turn, by weight', async () => {
  const ports = await Promise.all(['a', 'b'].map((name) => upstreamThat((_request, response) => response.end(name))))
  const nodes = { [`127.0.0.1:${ports[0]}`]: 2, [`127.0.0.1:${ports[1]}`]: 1 }
  const gateway = await gatewayTo([], { nodes })
  let order = ''
  for (let call = 0; call < 6; call += 1) order += await (await gateway.call('/')).text()
  expect(order).toBe('abaaba')
})

test('a node that refuses connections costs no call, not even a POST', async () => {
  const gateway = await gatewayTo([await deadPort(), echo.ports.echo])
  const body = randomBytes(300_000)
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  for (let call = 0; call < 4; call += 1) {
    const answer = await gateway.call('/', { method: 'POST', body })
    expect([answer.status, await answer.json()]).toMatchObject([200, { bodyLength: 300_000, bodySha256 }])
  }
})

test('a POST that an upstream may have taken is not sent again, a GET is', async () => {
  let taken = 0
  const cutting = await upstreamThat((request) => {
    taken += 1
    request.socket.destroy()
  })
  const gateway = await gatewayTo([cutting, cutting])
  expect((await gateway.call('/', { method: 'POST', body: 'x' })).status).toBe(502)
  expect(taken).toBe(1)
  const toEcho = await gatewayTo([cutting, echo.ports.echo])
  expect((await toEcho.call('/')).status).toBe(200)
})

test('502 when no node can be reached, 504 when none answers in time', async () => {
  const dead = await gatewayTo([await deadPort()])
  const answer = await dead.call('/', { headers: { 'X-Request-Id': 'lost-1' } })
  expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('502 Bad Gateway')])
  expect(dead.log.find(({ msg }) => msg === 'upstream failed')).toMatchObject({
    requestId: 'lost-1',
    breakage: 'not-connected',
  })
  const slow = await gatewayTo([echo.ports.echo], { timeout: { read: 0.2 } })
  expect((await slow.call('/?delayMs=3000')).status).toBe(504)
})

test('504 when the upstream stops taking the body, and none for a caller who sends slowly', async () => {
  const deaf = await upstreamThat((request) => request.pause())
  const gateway = await gatewayTo([deaf], { timeout: { send: 0.2 } })
  expect((await gateway.call('/', { method: 'POST', body: randomBytes(20_000_000) })).status).toBe(504)
  const toEcho = await gatewayTo([echo.ports.echo], { timeout: { send: 0.2 } })
  const body = Readable.toWeb(Readable.from(slowly(['a', 'b'], 400))) as ReadableStream
  const answer = await toEcho.call('/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect(await answer.json()).toMatchObject({ bodyLength: 2 })
})

async function* slowly(pieces: readonly string[], betweenMs: number): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    yield Buffer.from(piece)
    await setTimeout(betweenMs)
  }
}

test('an answer that breaks off at the upstream breaks off at the caller', async () => {
  const cutting = await upstreamThat((_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half', () => response.destroy())
  })
  const gateway = await gatewayTo([cutting])
  const answer = await gateway.call('/')
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
})

test('a call that the caller gives up ends at the upstream too', async () => {
  const gone = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const waiting = await upstreamThat((request) => {
    arrived.resolve()
    request.socket.once('close', () => gone.resolve())
  })
  const gateway = await gatewayTo([waiting])
  const caller = new AbortController()
  const call = gateway.call('/', { signal: caller.signal })
  await arrived.promise
  caller.abort()
  await expect(call).rejects.toThrow()
  await gone.promise
})

test('a large answer arrives whole', async () => {
  const body = randomBytes(5_000_000)
  const gateway = await gatewayTo([await upstreamThat((_request, response) => response.end(body))])
  const answer = Buffer.from(await (await gateway.call('/')).arrayBuffer())
  expect(answer.equals(body)).toBe(true)
})

test('forwarding headers are added, hop-by-hop headers stay behind, in both directions', async () => {
  const telling = await upstreamThat((request, response) => {
    response.writeHead(200, { Connection: 'X-Hop', 'X-Hop': '1', Server: 'nginx', 'X-Kept': '1' })
    response.end(JSON.stringify(request.headers))
  })
  const gateway = await gatewayTo([telling])
  const asked =
    'GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 10.0.0.9\r\nTE: trailers\r\nX-Mine: 1\r\nConnection: close, X-Mine\r\n\r\n'
  const [head = '', body = ''] = (await exchange(gateway.ports.traffic, asked)).split('\r\n\r\n')
  expect(head).toContain('Server: APISIX/3.x-stand-in')
  expect(head).toContain('X-Kept: 1')
  expect(head).not.toContain('X-Hop')
  const seen = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))
  expect(seen).toMatchObject({
    host: 'shop.example',
    'x-forwarded-for': '10.0.0.9, 127.0.0.1',
    'x-real-ip': '127.0.0.1',
  })
  expect(seen).toMatchObject({ 'x-forwarded-proto': 'http', 'x-forwarded-host': 'shop.example' })
  expect([seen.te, seen['x-mine']]).toEqual([undefined, undefined])
})

/** Sends raw bytes and reads until the other side closes. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
