import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dashboardOn, watchFrom } from './control-plane.fixture.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'
import { settingsFrom } from './settings.ts'

/** An entry file running as its own process, as in a container. */
interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly lines: readonly Record<string, unknown>[]
}

const startEntry = async (entry: string, environment: Record<string, string>): Promise<Started> => {
  const env = {
    PATH: process.env.PATH,
    NODE_NAME: 'control-plane-2',
    LISTEN_PORT: '0',
    TLS_PORT: '0',
    LISTEN_HOST: '127.0.0.1',
    ...environment,
  }
  const child = spawn(process.execPath, [new URL(entry, import.meta.url).pathname], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Record<string, unknown>[] = []
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line))
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  await ready
  return { child, lines, url: String(lines.find(({ msg }) => msg === 'listening')?.url) }
}

describe.skipIf(HAS_NO_POSTGRES)('a control-plane process', () => {
  let postgres: Postgres
  let databaseUrl: string
  beforeAll(async () => {
    postgres = await startPostgres()
    databaseUrl = await postgres.createSchema()
    await (await dashboardOn(databaseUrl)).close()
  }, 20_000)
  afterAll(async () => await postgres.remove())

  test.each(['SIGQUIT', 'SIGTERM'] as const)(
    'exits 0 within 2 s of %s, with a watch and an idle connection open',
    async (signal) => {
      const { child, url } = await startEntry('./dp-manager.ts', { DATABASE_URL: databaseUrl })
      const agent = new Agent({ keepAlive: true })
      const [answer] = await once(get(`${url}/version`, { agent }), 'response')
      answer.resume()
      const watch = await watchFrom({ url, ready: Promise.resolve(), close: async () => undefined }, 0)
      await watch.frame()
      const toldAt = performance.now()
      child.kill(signal)
      const [code, by] = await once(child, 'exit')
      expect([code, by]).toEqual([0, null])
      expect(performance.now() - toldAt).toBeLessThan(2_000)
      expect(await watch.ended()).toBe(true)
      agent.destroy()
    },
  )

  test('writes one access line a request, without the query, cookies or bodies', async () => {
    const { child, url, lines } = await startEntry('./dashboard.ts', { DATABASE_URL: databaseUrl })
    const secrets = { cookie: 'a7session=canary', authorization: 'Basic Y2FuYXJ5OmNhbmFyeQ==' }
    await fetch(`${url}/api/login?next=canary`, { method: 'POST', body: '{"password":"canary"}', headers: secrets })
    child.kill('SIGQUIT')
    await once(child, 'exit')
    const requests = lines.filter(({ msg }) => msg === 'request')
    expect(requests).toMatchObject([
      { node: 'control-plane-2', method: 'POST', path: '/api/login', ms: expect.any(Number) },
    ])
    expect(JSON.stringify(lines)).not.toContain('canary')
    expect(JSON.stringify(lines)).not.toContain(databaseUrl)
  })
})

describe('the environment', () => {
  test.each([
    ['SESSION_STORE', 'disk', 'expected one of database, memory'],
    ['LISTEN_PORT', 'http', 'expected a port number'],
    ['LOG_LEVEL', 'loud', 'expected one of silent'],
    ['READY_SEES_DATABASE', 'no', 'expected one of 0, 1'],
  ])('with %s=%s is refused and says what was expected', (name, value, expected) => {
    expect(() => settingsFrom({ [name]: value }, 7080)).toThrow(expected)
  })

  test('left empty gives the defaults a deployment has', () => {
    expect(settingsFrom({ LISTEN_PORT: '', SESSION_STORE: '' }, 7900)).toMatchObject({
      listenPort: 7900,
      sessionStore: 'database',
      readySeesDatabase: true,
      acknowledgesEarlyMs: 0,
      acknowledgesAfterMs: 0,
      hasSilentPages: false,
      listenHost: '0.0.0.0',
    })
  })
})
