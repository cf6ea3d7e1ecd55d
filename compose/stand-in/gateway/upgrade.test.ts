// Calls that turn into another protocol.
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

test('a cut ends calls that have turned', async () => {
  const { port } = await turning()
  const gateway = await gatewayTo([port])
  const call = rawCall(gateway.ports.traffic, asking)
  await expect.poll(call.heard, limit).toContain('hello')
  await gateway.cut()
  await call.closed
})
