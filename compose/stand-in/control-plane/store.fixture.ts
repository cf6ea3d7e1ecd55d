// Stores for tests: an empty one in PostgreSQL or in etcd, with as many Dashboards on it as a test wants.
import { openDatabase } from './database.ts'
import { startEtcd } from './etcd.fixture.ts'
import { etcdClient } from './etcd-store/etcd-client.ts'
import { etcdStore } from './etcd-store/etcd-store.ts'
import { prefixRange } from './etcd-store/messages.ts'
import { startPostgres } from './postgres.fixture.ts'
import { postgresStore } from './postgres-store/postgres-store.ts'
import type { Operator, Store } from './store.ts'

/** A server that runs, and new empty places on it. */
export interface Server {
  /** A place nobody has used. */
  place(): Promise<Place>
  remove(): Promise<void>
}

export interface Place {
  /** Opens one more store on it, as one more Dashboard does. */
  open(): Store
  /** What gateways read under a prefix that ends in '/', without its marker. */
  read(prefix: string): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>
}

export const postgresServer = async (): Promise<Server> => {
  const postgres = await startPostgres()
  return {
    async place() {
      const url = await postgres.createSchema()
      return {
        open() {
          const database = openDatabase(url, () => undefined)
          return { ...postgresStore(database), close: () => database.close() }
        },
        async read(prefix) {
          const database = openDatabase(url, () => undefined)
          const rows = await database.query<{ key: Buffer; value: Buffer }>('SELECT key, value FROM config_kv')
          await database.close()
          return under(
            prefix,
            rows.map(({ key, value }) => ({ key: String(key), value: String(value) })),
          )
        },
      }
    },
    remove: () => postgres.remove(),
  }
}

export const etcdServer = async (): Promise<Server> => {
  const etcd = await startEtcd()
  let places = 0
  return {
    async place() {
      places += 1
      const prefix = `/place-${places}`
      return {
        open: () => etcdStore({ endpoints: etcd.urls, prefix }),
        async read(asked) {
          const client = etcdClient({ endpoints: etcd.urls })
          const { entries } = await client.range(prefixRange(asked))
          await client.close()
          return under(asked, entries)
        },
      }
    },
    remove: () => etcd.remove(),
  }
}

const under = (prefix: string, entries: readonly { readonly key: string; readonly value: string }[]) =>
  new Map(
    entries
      .filter(({ key }) => key.startsWith(prefix) && key !== prefix)
      .map(({ key, value }) => [key, JSON.parse(value) as Readonly<Record<string, unknown>>]),
  )

export const SEED = { adminPassword: 'admin', licenseText: '' }
export const OPERATOR: Operator = { username: 'admin', ip: '127.0.0.1', node: 'control-plane-1' }
export const PAGE = { limit: 100, offset: 0 }

const nodes = [{ host: '10.0.0.9', port: 8080, weight: 1 }]
export const SERVICE = { name: 'echo', desc: '', type: 'http', status: 1, upstream: { nodes } }
export const ROUTE = { name: 'orders', desc: 'before', service_id: 'echo', paths: ['/orders/*'] }

/** Something of a store that a test relies on. Fails where it is not there. */
export const there = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('Expected something to be there, and it is not.')
  return value
}
