// A private PostgreSQL 15 for tests: its own directory, a free port, gone at the end.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const BINARIES = process.env.FIREDRILL_POSTGRES_BIN || '/usr/lib/postgresql/15/bin'
/** PostgreSQL refuses to run as root, so as root it runs as nobody. */
const OWNER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** Tests that need PostgreSQL are skipped only where somebody said so. */
export const HAS_NO_POSTGRES = process.env.FIREDRILL_NO_POSTGRES === '1'

/** A cluster that runs. */
export interface Postgres {
  /** The address of a new empty schema, for one test: far quicker to make than a database. */
  createSchema(): Promise<string>
  /** Backs a schema up, and returns the way back to it: as the harness does it, by PostgreSQL's own programs. */
  backUp(url: string): Promise<() => Promise<void>>
  /** Ends the server the hard way, as a lost node would; its data stay. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends the server and removes its data. */
  remove(): Promise<void>
}

/** Makes a cluster and starts it. Throws where the binaries are missing, saying how to get them. */
export const startPostgres = async (): Promise<Postgres> => {
  if (!existsSync(join(BINARIES, 'initdb'))) {
    throw new Error(
      `PostgreSQL 15 is not at ${BINARIES}: these tests run against a real one. Install it (Debian: apt-get install ` +
        'postgresql-15), or set FIREDRILL_POSTGRES_BIN to its bin directory, or FIREDRILL_NO_POSTGRES=1 to skip them.',
    )
  }
  const home = await mkdtemp(join(tmpdir(), 'firedrill-postgres-'))
  const data = join(home, 'data')
  if (OWNER.uid !== undefined) await chown(home, OWNER.uid, OWNER.gid)
  await mkdir(data, { mode: 0o700 })
  if (OWNER.uid !== undefined) await chown(data, OWNER.uid, OWNER.gid)
  await run(join(BINARIES, 'initdb'), ['-D', data, '-U', 'api7ee', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...OWNER,
    cwd: home,
  })
  const port = await freePort()
  const url = `postgres://api7ee@127.0.0.1:${port}/postgres`
  let server = await launch(data, port, url)
  return {
    async createSchema() {
      const name = `test_${Math.random().toString(36).slice(2)}`
      await ask(url, `CREATE SCHEMA ${name}`)
      return `${url}?options=${encodeURIComponent(`-c search_path=${name}`)}`
    },
    async backUp(schemaUrl) {
      const [{ schema = '' } = {}] = (await ask(schemaUrl, 'SELECT current_schema() AS schema')).rows
      const file = join(home, `${schema}.sql`)
      await run(join(BINARIES, 'pg_dump'), ['-d', url, '-n', schema, '--clean', '--if-exists', '-f', file])
      const restore = ['-d', url, '--quiet', '--no-psqlrc', '--single-transaction', '-v', 'ON_ERROR_STOP=1', '-f', file]
      return async () => void (await run(join(BINARIES, 'psql'), restore))
    },
    kill: () => ended(server, 'SIGQUIT'),
    async start() {
      server = await launch(data, port, url)
    },
    async remove() {
      await ended(server, 'SIGQUIT')
      await rm(home, { recursive: true, force: true })
    },
  }
}

const SETTINGS = { fsync: 'off', unix_socket_directories: '', listen_addresses: '127.0.0.1', max_connections: '100' }

const launch = async (data: string, port: number, url: string): Promise<ChildProcess> => {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(BINARIES, 'postgres'), ['-D', data, ...settings], { ...OWNER, cwd: data, stdio: 'ignore' })
  const deadline = Date.now() + 15_000
  while (Date.now() < deadline && server.exitCode === null) {
    if (await ask(url, 'SELECT 1').then(Boolean, () => false)) return server
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await ended(server, 'SIGQUIT')
  throw new Error(`PostgreSQL did not answer on port ${port} within 15 s (exit code ${server.exitCode}).`)
}

const ended = async (server: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill(signal)
  await exit
}

const ask = async (connectionString: string, sql: string): Promise<pg.QueryResult> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address && typeof address === 'object') return address.port
  throw new Error('This machine gave no free port on 127.0.0.1.')
}
