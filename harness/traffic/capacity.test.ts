import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import { measureCapacity } from './capacity.ts'
import { type SpawnedCallers, spawnCallers } from './spawned-callers.fixture.ts'

const counts = { fine: 0, ill: 0 }
const answering = (status: number, count: keyof typeof counts): Server =>
  createServer((_, response) => {
    counts[count] += 1
    response.writeHead(status).end('an answer')
  })
const servers = [answering(200, 'fine'), answering(503, 'ill')]

let spawned: SpawnedCallers

beforeAll(async () => {
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))))
  spawned = await spawnCallers()
})

afterAll(async () => {
  await spawned.callers.stop()
  for (const server of servers) server.close()
})

describe('saturated servers', () => {
  test('are called at once, and only what they answered well is what they carried', async () => {
    const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const [fine, ill] = (await spawned.callers.saturate({ groups: [urls], connections: 4, seconds: 1 })).groups[0] ?? []
    expect(fine?.failed).toBe(0)
    // The server's own count has every turn.
    expect(fine?.callsPerSecond).toBeGreaterThan(100)
    expect(fine?.callsPerSecond).toBeLessThan(counts.fine)
    expect(ill?.callsPerSecond).toBe(0)
    expect(ill?.failed).toBeGreaterThan(100)
    expect(ill?.failed).toBeLessThan(counts.ill)
  })
})

const nodeWith = (name: string, ports: Node['containers'][number]['ports']): Node => ({
  name,
  role: 'data-plane',
  zone: 'a',
  containers: [{ service: name, id: name, name, image: 'any', address: '10.0.0.41', ports }],
})

test('what each gateway carried is written down by its name, once it serves', async () => {
  const events: Event[] = []
  const asked: unknown[] = []
  let looks = 0
  const world = {
    clock: { now: () => 7 },
    recorder: { record: (event: Event) => events.push(event) } as unknown as Parameters<
      typeof measureCapacity
    >[0]['recorder'],
    callers: {
      get: async () => {
        looks += 1
        return { ok: true, status: looks < 3 ? 404 : 200, headers: {}, body: '', from: 0, to: 0 }
      },
      saturate: async ({ groups }: { readonly groups: readonly (readonly string[])[] }) => {
        asked.push(groups)
        return { groups: groups.map((urls) => urls.map((url) => ({ url, callsPerSecond: 400, failed: 1 }))) }
      },
    },
  }
  const node = nodeWith('data-plane-2', { http: { inside: 9080 } })
  await measureCapacity(world, [[node], [node]])
  // One that has not loaded its routes yet carries nothing, and that is not what it can carry.
  expect(looks).toBe(3)
  expect(asked).toEqual([[['http://10.0.0.41:9080/orders/42'], ['http://10.0.0.41:9080/orders/42']]])
  const event = { kind: 'capacity', at: 7, nodes: [{ node: 'data-plane-2', callsPerSecond: 400, failed: 1 }] }
  expect(events).toEqual([event, event])
  await expect(measureCapacity(world, [[nodeWith('data-plane-9', {})]])).rejects.toMatchObject({ code: 'ERR_NO_PORT' })
})
