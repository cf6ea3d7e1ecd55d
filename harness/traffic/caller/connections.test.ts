import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CarriedCall, openConnections } from './connections.ts'
import type { LaneOrder } from './protocol.ts'

const DEADLINE_MS = 200

/** Takes every connection and shakes no hands: a front that hangs, and whose kernel goes on accepting. */
let hung: net.Server
const held = new Set<net.Socket>()

beforeEach(async () => {
  hung = net.createServer((socket) => {
    held.add(socket)
    socket.on('error', () => {})
    socket.resume()
    socket.on('close', () => held.delete(socket))
  })
  await once(hung.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => {
  for (const socket of held) socket.destroy()
  hung.close()
})

const REQUEST = { path: '/', method: 'GET', headers: [] }
const call: CarriedCall = {
  onRequestStart: () => {},
  onResponseStart: () => {},
  onResponseData: () => {},
  onResponseEnd: () => {},
  onResponseError: () => {},
}

/** Connections over TLS, on which two calls wait for a handshake: one on a connection for all, one on its own. */
const waiting = async () => {
  const order: LaneOrder = {
    lane: 'https',
    connections: 'new',
    method: 'GET',
    url: `https://127.0.0.1:${(hung.address() as net.AddressInfo).port}/`,
    headers: {},
    rate: 20,
    deadlineMs: DEADLINE_MS,
    expectStatus: 200,
    expectEcho: false,
    nodeHeaders: [],
    nodes: [],
    knownAs: {},
    requestIdPrefix: 'x.',
  }
  const connections = openConnections(order, '127.0.0.1', () => 1000)
  connections.dispatch(REQUEST, call)
  connections.dispatchApart(REQUEST, call)
  await vi.waitFor(() => expect(held.size).toBe(2))
  return connections
}

test('a connection whose handshake nobody answers is given up at the deadline, and not before', async () => {
  const connections = await waiting()
  connections.expire(1000 + DEADLINE_MS - 1)
  await new Promise(setImmediate)
  expect(held.size).toBe(2)
  connections.expire(1000 + DEADLINE_MS)
  await vi.waitFor(() => expect(held.size).toBe(0))
  await connections.destroy()
})

test('none is left that is still being made when its lane closes', async () => {
  const connections = await waiting()
  await connections.destroy()
  await vi.waitFor(() => expect(held.size).toBe(0))
})
