// The two servers the suite runs against: our DP Managers over one PostgreSQL, and Debian's etcd as the oracle.
import { openDatabase } from '../control-plane/database.ts'
import { startDpManager } from '../control-plane/dp-manager/dp-manager-server.ts'
import { HAS_NO_ETCD, startEtcd } from '../control-plane/etcd.fixture.ts'
import { HAS_NO_POSTGRES, startPostgres } from '../control-plane/postgres.fixture.ts'
import { migrate } from '../control-plane/schema.ts'
import { settingsFrom } from '../control-plane/settings.ts'

/** What is tested: one keyspace behind several addresses. */
export interface Server {
  readonly urls: readonly [string, ...string[]]
  /** A token to send as Authorization with what only an operator may do; '' where nobody asks. */
  readonly token: string
  remove(): Promise<void>
}

export interface Candidate {
  readonly name: string
  readonly isSkipped: boolean
  /** Starts it with this many addresses. */
  start(members: 1 | 3): Promise<Server>
}

const SECRET = 'a-secret-for-tests-that-every-node-shares'

const startDpManagers = async (members: number): Promise<Server> => {
  const postgres = await startPostgres()
  const databaseUrl = await postgres.createSchema()
  const database = openDatabase(databaseUrl, () => undefined)
  await migrate(database)
  await database.close()
  const managers = await Promise.all(
    Array.from({ length: members }, (_, index) => dpManagerAlone(databaseUrl, `control-plane-${index + 1}`)),
  )
  const urls = atLeastOne(managers.map(({ url }) => url))
  return {
    urls,
    token: await tokenFrom(urls[0]),
    async remove() {
      await Promise.all(managers.map((manager) => manager.close()))
      await postgres.remove()
    },
  }
}

/** A DP Manager without a Dashboard, on any free ports. */
export const dpManagerAlone = async (databaseUrl: string, nodeName: string, progressMs?: number) => {
  const environment = {
    DATABASE_URL: databaseUrl,
    NODE_NAME: nodeName,
    LISTEN_HOST: '127.0.0.1',
    LISTEN_PORT: '0',
    TLS_PORT: '0',
    LOG_LEVEL: process.env.LOG_LEVEL || 'silent',
    SESSION_SECRET: SECRET,
  }
  const manager = await startDpManager(settingsFrom(environment, 7900), { progressMs })
  await manager.ready
  return manager
}

/** An operator's token, for the user every installation begins with. */
export const tokenFrom = async (url: string): Promise<string> => {
  const claim = JSON.stringify({ name: 'admin', password: 'admin' })
  const answer = await fetch(`${url}/v3/auth/authenticate`, { method: 'POST', body: claim })
  const { token } = (await answer.json()) as { token?: string }
  if (!token) throw new Error(`${url} gave no token to admin: it answered ${answer.status}.`)
  return token
}

const atLeastOne = (urls: readonly string[]): readonly [string, ...string[]] => {
  const [first, ...rest] = urls
  if (first) return [first, ...rest]
  throw new RangeError('A server was started with no address: expected at least one.')
}

export const CANDIDATES: readonly Candidate[] = [
  { name: 'DP Manager', isSkipped: HAS_NO_POSTGRES, start: startDpManagers },
  {
    name: 'etcd 3.4',
    isSkipped: HAS_NO_ETCD,
    async start(members) {
      const cluster = await startEtcd({ members })
      return { urls: atLeastOne(cluster.urls), token: '', remove: () => cluster.remove() }
    },
  },
]
