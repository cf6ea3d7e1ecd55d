import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, signIn } from '../control-plane.fixture.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'

type Line = Readonly<Record<string, unknown>>

/** A Dashboard as its own process, and what it writes. */
const startProcess = async (
  node: string,
  databaseUrl: string,
  trusted: string,
): Promise<{ child: ChildProcess; url: string; lines: Line[] }> => {
  const env = {
    PATH: process.env.PATH,
    NODE_NAME: node,
    LISTEN_PORT: '0',
    TLS_PORT: '0',
    LISTEN_HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    TRUSTED_PROXIES: trusted,
  }
  const entry = new URL('../dashboard.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  const reader = createInterface({ input: child.stdout })
  await new Promise<void>((resolve) => {
    reader.on('line', (line) => {
      lines.push(JSON.parse(line))
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  return { child, lines, url: String(lines.find(({ msg }) => msg === 'listening')?.url) }
}

describe.skipIf(HAS_NO_POSTGRES)('the access log', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())

  test('says of each node what it served, to whom and for which client, and neither secrets nor the health checks of balancers', async () => {
    const databaseUrl = await postgres.createSchema()
    const one = await startProcess('control-plane-1', databaseUrl, '127.0.0.1')
    const two = await startProcess('control-plane-2', databaseUrl, '')
    const nodes = [one, two].map(({ url }) => ({
      url,
      ready: Promise.resolve(),
      close: async () => undefined,
      tlsUrl: () => '',
    }))
    const cookie = nodes[0] ? await signIn(nodes[0]) : ''
    const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.1' }
    for (const node of nodes) await call(node, ['GET', '/api/me?token=canary'], { cookie, headers })
    for (const node of nodes) await call(node, ['GET', '/healthz'])
    for (const { child } of [one, two]) {
      child.kill('SIGQUIT')
      await once(child, 'exit')
    }
    const served = ({ lines }: { lines: Line[] }) =>
      lines
        .filter(({ msg }) => msg === 'request')
        .map(({ node, user, client, method, path, status }) => ({ node, user, client, method, path, status }))
    const me = { user: 'admin', client: '192.0.2.1', method: 'GET', path: '/api/me', status: 200 }
    expect(served(one)).toEqual([
      { node: 'control-plane-1', user: null, client: '127.0.0.1', method: 'POST', path: '/api/login', status: 200 },
      { node: 'control-plane-1', ...me },
    ])
    // The vendor's default believes every proxy, so the first address said is the client's.
    expect(served(two)).toEqual([{ node: 'control-plane-2', ...me, client: '203.0.113.9' }])
    const everything = JSON.stringify([...one.lines, ...two.lines])
    expect(everything).not.toContain('canary')
    expect(everything).not.toContain(decodeURIComponent(cookie.split('=')[1] ?? '').slice(0, 20))
  })
})
