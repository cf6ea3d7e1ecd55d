// A standby for tests: a copy of a running PostgreSQL as it was when it was made, started and promoted when wanted.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const BINARIES = process.env.FIREDRILL_POSTGRES_BIN || '/usr/lib/postgresql/15/bin'
const OWNER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const START_LIMIT_MS = 15_000

/** A standby that has what its primary had when the copy was made, and lacks whatever came later. */
export interface Standby {
  readonly port: number
  /** Starts it in recovery: it can be read and not be written. */
  start(): Promise<void>
  /** Makes it the primary of a new timeline. */
  promote(): Promise<void>
  remove(): Promise<void>
}

/** Copies the primary behind `url` with pg_basebackup. */
export const copyOf = async (url: string): Promise<Standby> => {
  const home = await mkdtemp(join(tmpdir(), 'firedrill-standby-'))
  if (OWNER.uid !== undefined) await chown(home, OWNER.uid, OWNER.gid)
  const data = join(home, 'data')
  const { port: primaryPort } = new URL(url)
  const from = ['-h', '127.0.0.1', '-p', primaryPort, '-U', 'api7ee', '--checkpoint=fast', '--no-sync']
  await run(join(BINARIES, 'pg_basebackup'), [...from, '-D', data, '-X', 'stream', '-R'], { ...OWNER, cwd: home })
  const port = await freePort()
  const own = Object.assign(new URL(url), { port: String(port), search: '' }).href
  let server: ChildProcess | undefined
  return {
    port,
    async start() {
      const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' }
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      server = spawn(join(BINARIES, 'postgres'), ['-D', data, ...flags], { ...OWNER, cwd: data, stdio: 'ignore' })
      await until(`PostgreSQL on port ${port} answers`, () => ask(own, 'SELECT 1'))
    },
    promote: async () => void (await ask(own, 'SELECT pg_promote(true)')),
    async remove() {
      if (server && server.exitCode === null) {
        const exit = once(server, 'exit')
        server.kill('SIGQUIT')
        await exit
      }
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** A way to PostgreSQL that can be led to another server, as a balancer does after a failover. */
export interface Way {
  readonly url: string
  leadTo(port: number): void
  close(): void
}

export const wayTo = async (url: string): Promise<Way> => {
  let port = Number(new URL(url).port)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const inside = connect(port, '127.0.0.1')
    client.pipe(inside).pipe(client)
    for (const socket of [client, inside]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        inside.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const own = address && typeof address === 'object' ? address.port : 0
  return {
    url: Object.assign(new URL(url), { port: String(own) }).href,
    leadTo(other) {
      port = other
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Asks once, over a connection of its own. */
const ask = async (connectionString: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  return await client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const until = async (what: string, attempt: () => Promise<unknown>): Promise<void> => {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline) {
    const isSo = await attempt().then(
      () => true,
      () => false,
    )
    if (isSo) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`It is not so within ${START_LIMIT_MS / 1_000} s that ${what}.`)
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address && typeof address === 'object') return address.port
  throw new Error('This machine gave no free port on 127.0.0.1.')
}
