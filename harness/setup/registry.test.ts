import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { registryOffers } from './registry.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** An engine whose registry answers with this status, or not at all. */
const engine = async (status: number | null): Promise<Docker> => {
  server = createServer((_, response) => {
    if (status === null) return
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return new Docker({ protocol: 'http', host: '127.0.0.1', port: (server.address() as AddressInfo).port })
}

test.each([
  ['an image that it knows', 200, true],
  ['none that it does not', 404, false],
] as const)('a registry offers %s', async (_, status, isOffered) => {
  expect(await registryOffers(await engine(status), 'debian:bookworm-slim')).toBe(isOffered)
})

test('a registry that says nothing is waited for no longer than the limit', async () => {
  const askedAt = performance.now()
  expect(await registryOffers(await engine(null), 'debian:bookworm-slim', 200)).toBe(false)
  expect(performance.now() - askedAt).toBeLessThan(5000)
})
