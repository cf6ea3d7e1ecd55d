import { once } from 'node:events'
import type net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import { expect, test, vi } from 'vitest'
import { classesOf, closedLane, spawnCallers, untilEnded } from './spawned-callers.fixture.ts'
import { CERTIFICATE, KEY } from './tls-identity.fixture.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

/** An empty HTTP/2 SETTINGS frame but for INITIAL_WINDOW_SIZE, and a WINDOW_UPDATE of the connection: both grant nearly 2 GiB. */
const ALL_YOU_WANT = Buffer.from('000006040000000000' + '00047fffffff' + '000004080000000000' + '7fff0000', 'hex')

/** A port that lets its peers send as much as they like, reads none of it, and then resets their connection. */
const startGlutton = async (patienceMs: number) => {
  const raw: net.Socket[] = []
  const server = tls.createServer({ cert: CERTIFICATE, key: KEY, ALPNProtocols: ['h2'] })
  server.on('connection', (socket: net.Socket) => raw.push(socket))
  server.on('tlsClientError', () => {})
  server.on('secureConnection', async (socket) => {
    const under = raw.at(-1)
    socket.on('error', () => {})
    socket.pause()
    socket.write(ALL_YOU_WANT)
    await pause(patienceMs)
    under?.resetAndDestroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `https://127.0.0.1:${(server.address() as net.AddressInfo).port}`, server }
}

test('calls whose HTTP/2 connection is reset while two of them write end then, not at their deadline', async () => {
  const { url, server } = await startGlutton(1500)
  const spawned = await spawnCallers()
  await spawned.callers.open({
    lane: 'reset',
    purpose: 'callers',
    zone: 'outside',
    connections: 'kept-alive',
    protocol: 'h2',
    method: 'POST',
    body: 'x'.repeat(3_000_000),
    rate: 10,
    deadlineMs: 20_000,
    expectEcho: true,
    url: `${url}/`,
  })
  await untilEnded(spawned, 'reset', 10)
  const lane = await closedLane(spawned, 'reset')
  await spawned.callers.stop()
  server.close()
  expect(classesOf(lane)).toEqual({ 'connection-reset': lane.count })
})
