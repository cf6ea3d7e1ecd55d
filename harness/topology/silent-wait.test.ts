// A wait for a container's end on an engine that goes in the middle of its answer.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { untilEnded } from './docker.ts'

/** How the engine goes on once its headers are out. */
let goesOn = (_response: ServerResponse): void => {}
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  setTimeout(() => goesOn(response), 20)
})

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  vi.unstubAllEnvs()
})

test.each([
  ['breaks off', (response: ServerResponse) => void response.destroy()],
  ['never comes to an end', () => {}],
])('where the answer %s, it is over when its limit is', async (_, how) => {
  goesOn = how
  const limit = AbortSignal.timeout(200)
  await expect(untilEnded('c1', limit)).rejects.toThrow(/abort|timeout/i)
  expect(limit.aborted).toBe(true)
})

test('what the engine answers in time is its end', async () => {
  goesOn = (response) => void response.end('{"StatusCode":0}')
  await untilEnded('c1', AbortSignal.timeout(5000), 'removed')
})
