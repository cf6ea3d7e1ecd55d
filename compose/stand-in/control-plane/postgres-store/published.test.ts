// Changes that meet: what gateways read afterwards is what the last one of them left.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import { OPERATOR, ROUTE, SEED, SERVICE, there } from '../store.fixture.ts'
import type { Store } from '../store.ts'
import { postgresStore } from './postgres-store.ts'

describe.skipIf(HAS_NO_POSTGRES)('a service that is written while one of its routes moves to another service', () => {
  let postgres: Postgres
  let database: Database
  let store: Store
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    database = openDatabase(await postgres.createSchema(), () => undefined)
    store = postgresStore(database)
    await store.prepare(SEED)
  })
  afterEach(async () => await database.close())

  const waiters = async (): Promise<number> =>
    (await database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length
  const viewOfRoute = async (): Promise<{ readonly service_id?: string; readonly desc?: string }> => {
    const [row] = await database.query<{ value: Buffer }>(
      "SELECT value FROM config_kv WHERE key = '/apisix/routes/orders'",
    )
    return JSON.parse(String(there(row).value))
  }
  const withOrders = async () => {
    const group = there(await store.groups.find('default'))
    const serviceAt = (id: string) => ({ group, kind: 'services', id }) as const
    const route = { group, kind: 'routes', id: 'orders' } as const
    for (const id of ['echo', 'other']) await store.published.put(serviceAt(id), { ...SERVICE, name: id }, OPERATOR)
    await store.published.put(route, ROUTE, OPERATOR)
    return { serviceAt, route }
  }
  /** Makes changes while somebody holds the writers' queue: each of them comes as far as it can before any is made. */
  const heldUp = async (changes: readonly (() => Promise<unknown>)[]): Promise<void> => {
    const made: Promise<unknown>[] = []
    await database.transaction(async (transaction) => {
      await transaction.query('SELECT 1 FROM config_revision FOR UPDATE')
      for (const change of changes) {
        made.push(change())
        await expect.poll(waiters, { timeout: 3_000, interval: 20 }).toBe(made.length)
      }
    })
    await Promise.all(made)
  }

  test('leaves gateways the route as it moved', async () => {
    const { serviceAt, route } = await withOrders()
    await heldUp([
      () => store.published.put(route, { ...ROUTE, service_id: 'other' }, OPERATOR),
      () => store.published.put(serviceAt('echo'), { ...SERVICE, desc: 'later' }, OPERATOR),
    ])
    expect(await viewOfRoute()).toMatchObject({ service_id: 'other' })
  })

  test('leaves gateways the route as it moved, also where the service was written first', async () => {
    const { serviceAt, route } = await withOrders()
    await heldUp([
      () => store.published.put(serviceAt('echo'), { ...SERVICE, desc: 'later' }, OPERATOR),
      () => store.published.put(route, { ...ROUTE, service_id: 'other' }, OPERATOR),
    ])
    expect(await viewOfRoute()).toMatchObject({ service_id: 'other' })
  })
})
