// Which node takes a call, and how long the others are waited for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { consistentHash, leastConnections, roundRobin, type Weighted } from './balancing.ts'
import { deadPort, statusOf } from './gateway.fixture.ts'
import { closeAfterEach, closeLater, gatewayWith, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const node = (address: string, weight = 1, inFlight = 0): Weighted => ({ address, weight, inFlight, credit: 0 })
const named = (name: string) => upstreamThat((_request, response) => response.end(name))

test('in turns: each node gets its share by weight, evenly spread', () => {
  const nodes = [node('a', 2), node('b', 1)]
  expect(Array.from({ length: 6 }, () => roundRobin(nodes, () => '')?.address).join('')).toBe('abaaba')
})

test('by fewest calls: the node with the fewest for its weight, and of equals the next in turn', () => {
  expect(leastConnections([node('a', 1, 2), node('b', 4, 6), node('c', 1, 3)], () => '')?.address).toBe('b')
  const equals = [node('a'), node('b')]
  expect([leastConnections(equals, () => '')?.address, leastConnections(equals, () => '')?.address]).toEqual(['a', 'b'])
})

test('by hash: the same text finds the same node, and a node that leaves moves its own calls only', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => node(name))
  const texts = Array.from({ length: 400 }, (_, index) => `user-${index}`)
  const before = texts.map((text) => consistentHash(nodes, () => text)?.address)
  const after = texts.map((text) => consistentHash(nodes.slice(1), () => text)?.address)
  expect(before).toEqual(texts.map((text) => consistentHash(nodes, () => text)?.address))
  const moved = before.filter((address, index) => address !== after[index])
  expect(new Set(moved)).toEqual(new Set(['a']))
  for (const { address } of nodes) expect(before.filter((found) => found === address).length).toBeGreaterThan(50)
})

test('calls hashed by a header stay on one node for one value', async () => {
  const ports = await Promise.all(['a', 'b', 'c'].map(named))
  const hashed = { type: 'chash', hash_on: 'header', key: 'X-User' }
  const { gateway } = await gatewayWith({ 'routes/r': routeTo(ports, hashed) })
  const answered = async (user: string) => (await gateway.call('/', { headers: { 'X-User': user } })).text()
  const names = await Promise.all(Array.from({ length: 12 }, () => answered('one')))
  expect(new Set(names).size).toBe(1)
  expect(new Set(await Promise.all(Array.from({ length: 30 }, (_, index) => answered(`u${index}`)))).size).toBe(3)
})

test('nodes of a lower priority take calls only when none of a higher one can', async () => {
  const backup = await named('backup')
  const first = await named('first')
  const nodesWith = (port: number) => [
    { host: '127.0.0.1', port, weight: 1, priority: 1 },
    { host: '127.0.0.1', port: backup, weight: 1, priority: -1 },
  ]
  const up = await gatewayWith({ 'routes/r': { uri: '/*', upstream: { nodes: nodesWith(first) } } })
  const down = await gatewayWith({ 'routes/r': { uri: '/*', upstream: { nodes: nodesWith(await deadPort()) } } })
  const text = async ({ gateway }: typeof up) => (await gateway.call('/')).text()
  expect([await text(up), await text(up), await text(down)]).toEqual(['first', 'first', 'backup'])
})

test('retries bound how many nodes are asked: with 0 a dead node costs the call', async () => {
  const ports = [await deadPort(), await named('a')]
  const { gateway } = await gatewayWith({ 'routes/r': routeTo(ports, { retries: 0 }) })
  expect([await statusOf(gateway.call('/')), await statusOf(gateway.call('/'))]).toEqual([502, 200])
})

test('retry_timeout ends the search for a node at its exact read timeout, and without it the next node answers', async () => {
  const silent = await upstreamThat(() => undefined)
  const ports = [silent, await named('a')]
  const slow = { timeout: { read: 0.3 } }
  const bounded = await gatewayWith({ 'routes/r': routeTo(ports, { ...slow, retry_timeout: 0.1 }) })
  const unbounded = await gatewayWith({ 'routes/r': routeTo(ports, slow) })
  const beganAt = performance.now()
  expect(await statusOf(bounded.gateway.call('/'))).toBe(504)
  expect(performance.now() - beganAt).toBeLessThan(700)
  expect(await statusOf(unbounded.gateway.call('/'))).toBe(200)
})

test('a node that takes no connection costs its connect timeout and no half second more', async () => {
  const ports = [await portThatNeverAccepts(), await named('a')]
  const { gateway } = await gatewayWith({ 'routes/r': routeTo(ports, { timeout: { connect: 0.2 } }) })
  const beganAt = performance.now()
  expect(await (await gateway.call('/')).text()).toBe('a')
  const tookMs = performance.now() - beganAt
  expect(tookMs).toBeGreaterThan(190)
  expect(tookMs).toBeLessThan(600)
})

/** A frozen process whose short queue is full: the kernel drops what tries to connect, as a black hole does. */
async function portThatNeverAccepts(): Promise<number> {
  const listen = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  closeLater(() => child.kill('SIGKILL'))
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(chunk.toString())
  child.kill('SIGSTOP')
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    closeLater(() => socket.destroy())
    const isTaken = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 150)),
    ])
    if (!isTaken) return port
  }
}
