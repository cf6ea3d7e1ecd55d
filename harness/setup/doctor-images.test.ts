// Images that no base can be had for keep a drill from running, and doctor says so.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { imagesCheck } from './doctor-images.ts'

let folder = ''
let server: Server | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-images-'))
  vi.stubEnv('PATH', folder)
  vi.stubEnv('FIREDRILL_NO_INSTALL', '')
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
})

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** An engine that holds these tags; the registry behind it offers everything, nothing, or takes its time. */
const engine = async (tags: readonly string[], registry: 'offers' | 'refuses' | 'is silent'): Promise<Docker> => {
  server = createServer((request, response) => {
    const isRegistry = request.url?.includes('/distribution/')
    if (isRegistry && registry === 'is silent') return
    response.writeHead(isRegistry && registry === 'refuses' ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isRegistry ? {} : tags.map((tag) => ({ Id: tag, RepoTags: [tag], Labels: {} }))))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return new Docker({ protocol: 'http', host: '127.0.0.1', port: (server.address() as AddressInfo).port })
}

const lack = { topic: 'images', level: 'missing', next: expect.stringContaining('Load debian:bookworm-slim') }
const due = { topic: 'images', level: 'note', found: expect.stringContaining('to build: postgres') }

test.each(['refuses', 'is silent'] as const)(
  'without a base, where the registry %s, images are missing',
  async (it) => {
    const startedAt = performance.now()
    expect(await imagesCheck(await engine([], it))).toMatchObject(lack)
    expect(performance.now() - startedAt).toBeLessThan(1500)
  },
)

test('without a base, where a registry offers one, they are only due', async () => {
  expect(await imagesCheck(await engine([], 'offers'))).toMatchObject(due)
})

test('with a Debian they are only due: the rest is made from it', async () => {
  expect(await imagesCheck(await engine(['debian:bookworm-slim'], 'refuses'))).toMatchObject(due)
})

test('where this user may make a Debian they are only due', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0)
  writeFileSync(join(folder, 'debootstrap'), '', { mode: 0o755 })
  expect(await imagesCheck(await engine([], 'refuses'))).toMatchObject(due)
})

test('root that may install nothing and has no debootstrap makes none', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0)
  vi.stubEnv('FIREDRILL_NO_INSTALL', '1')
  expect(await imagesCheck(await engine([], 'refuses'))).toMatchObject(lack)
})
