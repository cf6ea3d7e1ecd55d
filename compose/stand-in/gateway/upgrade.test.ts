// Calls that turn into another protocol.
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { deadPort } from './gateway.fixture.ts'
import { closeAfterEach, gatewayWith, rawCall, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 4_000, interval: 10 }
const asking =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n'

/** An upstream that turns, greets, and answers in capitals; to others it says that they did not ask. */
async function turning(): Promise<{ readonly port: number; readonly sockets: Duplex[] }> {
  const sockets: Duplex[] = []
  const port = await upstreamThat(
    ({ headers }, response) => void response.end(`upgrade: ${headers.upgrade ?? 'not asked for'}`),
    (server) =>
      server.on('upgrade', ({ headers }, socket) => {
        sockets.push(socket)
        const key = headers['sec-websocket-key']
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Key: ${key}\r\n\r\nhello `,
        )
        socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()))
        socket.on('error', () => undefined)
      }),
  )
  return { port, sockets }
}

async function gatewayTo(ports: readonly number[], enable_websocket = true) {
  const { gateway } = await gatewayWith({ 'routes/chat': { ...routeTo(ports), enable_websocket } })
  return gateway
}

test('where the route allows it, both sides talk through the gateway, and either side’s end is the other’s', async () => {
  const { port, sockets } = await turning()
  const gateway = await gatewayTo([await deadPort(), port])
  const call = rawCall(gateway.ports.traffic, asking)
  await expect.poll(call.heard, limit).toMatch(/^HTTP\/1\.1 101[\s\S]*X-Key: k[\s\S]*hello /)
  call.socket.write('are you there')
  await expect.poll(call.heard, limit).toContain('ARE YOU THERE')
  for (const socket of sockets) socket.end()
  await call.closed
})

test('where the route does not allow it, the call is answered as if it had not asked', async () => {
  const { port } = await turning()
  const gateway = await gatewayTo([port], false)
  const call = rawCall(gateway.ports.traffic, asking)
  await expect.poll(call.heard, limit).toContain('upgrade: not asked for')
})

test('an upstream that does not turn answers the caller as usual', async () => {
  const port = await upstreamThat((_request, response) => void response.writeHead(426).end('no'))
  const gateway = await gatewayTo([port])
  const answer = await rawCall(gateway.ports.traffic, asking).closed
  expect(answer).toMatch(/^HTTP\/1\.1 426[\s\S]*no/)
})

test('502 when no node can be reached', async () => {
  const gateway = await gatewayTo([await deadPort()])
  expect(await rawCall(gateway.ports.traffic, asking).closed).toContain('502 Bad Gateway')
})

test('504 when the node takes the call and says nothing for as long as its read timeout', async () => {
  const port = await upstreamThat(
    () => undefined,
    (server) => server.on('upgrade', () => undefined),
  )
  const timeout = { connect: 1, send: 1, read: 0.1 }
  const { gateway } = await gatewayWith({ 'routes/chat': { ...routeTo([port], { timeout }), enable_websocket: true } })
  expect(await rawCall(gateway.ports.traffic, asking).closed).toContain('504 Gateway Timeout')
})

test.each([
  ['header', { headers: { set: { 'X Header': 'a' } } }],
  ['path', { uri: '/a b' }],
])(
  '400 where proxy-rewrite asks for a %s that HTTP does not know, and the gateway serves on',
  async (_what, rewrite) => {
    const { port } = await turning()
    const plugins = { 'proxy-rewrite': rewrite }
    const { gateway } = await gatewayWith({
      'routes/bad': { ...routeTo([port]), uri: '/chat', enable_websocket: true, plugins },
      'routes/good': routeTo([port]),
    })
    expect(await rawCall(gateway.ports.traffic, asking).closed).toContain('400 Bad Request')
    expect(await (await gateway.call('/good')).text()).toBe('upgrade: not asked for')
  },
)

test('502 where response-rewrite sets a header that HTTP does not know, and the gateway serves on', async () => {
  const port = await upstreamThat((_request, response) => void response.writeHead(426).end('no'))
  const plugins = { 'response-rewrite': { headers: { set: { 'X Header': 'a' } } } }
  const { gateway } = await gatewayWith({
    'routes/bad': { ...routeTo([port]), uri: '/chat', enable_websocket: true, plugins },
    'routes/good': routeTo([port]),
  })
  expect(await rawCall(gateway.ports.traffic, asking).closed).toContain('502 Bad Gateway')
  expect((await gateway.call('/good')).status).toBe(426)
})

test.each([
  ['ends', (socket: Socket | null) => socket?.end()],
  ['resets', (socket: Socket | null) => socket?.resetAndDestroy()],
])('an answer whose connection the upstream %s breaks off at the caller', async (_how, cut) => {
  const port = await upstreamThat((_request, response) => {
    response.writeHead(426, { 'content-length': '10' })
    response.write('no')
    setTimeout(() => cut(response.socket), 50)
  })
  const gateway = await gatewayTo([port])
  expect(await rawCall(gateway.ports.traffic, asking).closed).toMatch(/^HTTP\/1\.1 426[\s\S]*no$/)
})

test('a cut ends calls that have turned', async () => {
  const { port } = await turning()
  const gateway = await gatewayTo([port])
  const call = rawCall(gateway.ports.traffic, asking)
  await expect.poll(call.heard, limit).toContain('hello')
  await gateway.cut()
  await call.closed
})
