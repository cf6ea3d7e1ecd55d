// HTTPS for callers: which certificate they see, what the upstream is told, and how the port drains and is cut.
import { request } from 'node:https'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import type { GatewayUnderTest } from './gateway.fixture.ts'
import { makeOwnCertificate } from './own-certificate.ts'
import { closeAfterEach, closeLater, gatewayWith, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 4_000, interval: 10 }
const withTls = { TLS_PORT: '0' }

async function sslFor(names: object, common: string): Promise<object> {
  const { certificate, key } = await makeOwnCertificate(common)
  return { ...names, cert: certificate, key }
}

function connected(gateway: GatewayUnderTest, servername = ''): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { port: gateway.ports.tls ?? 0, host: '127.0.0.1', servername, rejectUnauthorized: false }
    const socket = connect(options, () => resolve(socket))
    socket.on('error', reject)
    closeLater(() => socket.destroy())
  })
}

async function nameSeen(gateway: GatewayUnderTest, servername?: string): Promise<string> {
  const socket = await connected(gateway, servername)
  const { subject } = socket.getPeerCertificate() as PeerCertificate
  socket.destroy()
  return String(subject.CN)
}

test('a server name gets its own certificate, a wildcard stands for one label, and any other name gets the one the gateway made', async () => {
  const { gateway } = await gatewayWith(
    {
      'ssls/exact': await sslFor({ sni: 'www.shop.example' }, 'exact'),
      'ssls/wildcard': await sslFor({ snis: ['*.shop.example', 'shop.example'] }, 'wildcard'),
    },
    withTls,
  )
  const names = ['www.shop.example', 'eu.shop.example', 'shop.example', 'a.b.shop.example', 'other.example']
  const seen = await Promise.all(names.map((name) => nameSeen(gateway, name)))
  expect(seen).toEqual(['exact', 'wildcard', 'wildcard', 'data-plane-1', 'data-plane-1'])
  expect(await nameSeen(gateway)).toBe('data-plane-1')
})

test('a certificate that changes is seen by the next connection, and one that cannot be used harms no other', async () => {
  const { gateway, dpManager } = await gatewayWith({ 'ssls/s': await sslFor({ sni: 'a.example' }, 'first') }, withTls)
  expect(await nameSeen(gateway, 'a.example')).toBe('first')
  dpManager.store.put('/apisix/ssls/broken', { sni: 'b.example', cert: 'x'.repeat(200), key: 'x'.repeat(200) })
  dpManager.store.put('/apisix/ssls/s', await sslFor({ sni: 'a.example' }, 'second'))
  await expect.poll(() => nameSeen(gateway, 'a.example'), limit).toBe('second')
  expect(await nameSeen(gateway, 'b.example')).toBe('data-plane-1')
  expect(gateway.log.some(({ msg }) => msg.startsWith('certificate at /apisix/ssls/broken cannot be used'))).toBe(true)
})

test('the upstream is told that the caller came by HTTPS, and to which port', async () => {
  const port = await upstreamThat(({ headers }, response) => void response.end(JSON.stringify(headers)))
  const { gateway } = await gatewayWith({ 'routes/r': routeTo([port]) }, withTls)
  const told = JSON.parse(await get(gateway, '/'))
  expect(told).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': String(gateway.ports.tls) })
})

test('a drain refuses new connections on the TLS port, and answers the call under way with Connection: close', async () => {
  const answering = Promise.withResolvers<() => void>()
  const port = await upstreamThat((_request, response) => answering.resolve(() => response.end('late')))
  const { gateway } = await gatewayWith({ 'routes/r': routeTo([port]) }, withTls)
  const socket = await connected(gateway)
  let heard = ''
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
  })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const answer = await answering.promise
  const drained = gateway.drain()
  await expect.poll(() => refused(gateway), limit).toBe('ECONNREFUSED')
  answer()
  await drained
  expect(heard).toContain('Connection: close')
  expect(heard).toContain('late')
})

test('a drain does not wait for a TLS connection that never carried a call', async () => {
  const { gateway } = await gatewayWith({}, withTls)
  await connected(gateway)
  const beganAt = performance.now()
  await gateway.drain()
  expect(performance.now() - beganAt).toBeLessThan(3_000)
})

test('a cut ends the TLS call under way', async () => {
  const arrived = Promise.withResolvers<void>()
  const port = await upstreamThat(() => arrived.resolve())
  const { gateway } = await gatewayWith({ 'routes/r': routeTo([port]) }, withTls)
  const call = get(gateway, '/').catch((error: unknown) => error)
  await arrived.promise
  await gateway.cut()
  expect(await call).toBeInstanceOf(Error)
})

test('with TLS_PORT=off nothing listens there', async () => {
  const { gateway } = await gatewayWith({}, { TLS_PORT: 'off' })
  expect(gateway.ports.tls).toBe(undefined)
})

function get({ ports }: GatewayUnderTest, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: ports.tls, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false }
    const asked = request(options, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve(text)
    })
    asked.on('error', reject)
    asked.end()
  })
}

async function refused(gateway: GatewayUnderTest): Promise<string> {
  return connected(gateway).then(
    () => 'connected',
    (error: Error & { code?: string }) => error.code ?? error.message,
  )
}
