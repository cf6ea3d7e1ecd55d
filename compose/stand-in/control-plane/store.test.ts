import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HAS_NO_ETCD } from './etcd.fixture.ts'
import { HAS_NO_POSTGRES } from './postgres.fixture.ts'
import {
  etcdServer,
  OPERATOR,
  PAGE,
  type Place,
  postgresServer,
  ROUTE,
  SEED,
  SERVICE,
  type Server,
  there,
} from './store.fixture.ts'
import type { GatewayGroup, Store } from './store.ts'

const SERVERS = [
  { name: 'PostgreSQL', isSkipped: HAS_NO_POSTGRES, start: postgresServer },
  { name: 'etcd', isSkipped: HAS_NO_ETCD, start: etcdServer },
]

for (const { name, isSkipped, start } of SERVERS)
  describe.skipIf(isSkipped)(`the store in ${name}`, () => {
    let server: Server
    let open: () => Store
    let read: Place['read']
    const opened: Store[] = []
    const openOne = (): Store => {
      const store = open()
      opened.push(store)
      return store
    }
    const prepared = async (): Promise<{ store: Store; group: GatewayGroup }> => {
      const store = openOne()
      await store.prepare(SEED)
      return { store, group: there(await store.groups.find('default')) }
    }
    const withOrders = async () => {
      const { store, group } = await prepared()
      const service = { group, kind: 'services', id: 'echo' } as const
      const route = { group, kind: 'routes', id: 'orders' } as const
      await store.published.put(service, SERVICE, OPERATOR)
      await store.published.put(route, ROUTE, OPERATOR)
      return { store, group, service, route }
    }

    beforeAll(async () => {
      server = await start()
    }, 20_000)
    afterAll(async () => await server.remove())
    beforeEach(async () => {
      ;({ open, read } = await server.place())
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('begins with one administrator, one group and one authority, though two Dashboards begin at once', async () => {
      const [one, two] = [openOne(), openOne()]
      const authorities = await Promise.all(
        [one, two].map(async (store) => {
          await store.prepare(SEED)
          return await store.installation.authority()
        }),
      )
      expect(await one.users.find('admin')).toMatchObject({ id: 'admin', hasDefaultPassword: true })
      expect((await one.groups.list({}, PAGE)).list.map(({ id, name }) => [id, name])).toEqual([['default', 'default']])
      expect(authorities[0]?.certificate).toContain('BEGIN CERTIFICATE')
      expect(authorities[1]).toEqual(authorities[0])
    })

    test('is not made anew by a Dashboard that starts later', async () => {
      const { store } = await prepared()
      await store.users.setPassword('admin', 'another hash')
      await openOne().prepare(SEED)
      expect(await store.users.find('admin')).toMatchObject({ passwordHash: 'another hash', hasDefaultPassword: false })
    })

    test('shares a session between Dashboards until one of them ends it', async () => {
      const { store: one } = await prepared()
      const two = openOne()
      await one.sessions.begin('digest', there(await one.users.find('admin')), 60)
      expect(await two.sessions.find('digest')).toEqual({ id: 'admin', username: 'admin', roles: ['super_admin_id'] })
      await two.sessions.end('digest')
      await two.sessions.end('digest')
      expect(await one.sessions.find('digest')).toBeUndefined()
    })

    test('forgets a session that has expired', async () => {
      const { store } = await prepared()
      const admin = there(await store.users.find('admin'))
      await store.sessions.begin('short', admin, 1)
      await store.sessions.begin('long', admin, 60)
      await expect.poll(() => store.sessions.find('short'), { timeout: 5_000, interval: 50 }).toBeUndefined()
      expect(await store.sessions.find('long')).toMatchObject({ id: 'admin' })
    })

    test('knows the user of a token that has no end or has not reached it', async () => {
      const { store } = await prepared()
      const admin = there(await store.users.find('admin'))
      const now = Math.floor(Date.now() / 1_000)
      const token = (name: string, expiresAt: number) => ({ id: name, name, digest: `digest of ${name}`, expiresAt })
      await store.tokens.keep(token('endless', 0), admin)
      await store.tokens.keep(token('long', now + 60), admin)
      await store.tokens.keep(token('over', now - 1), admin)
      expect(await store.tokens.findUser('digest of endless')).toMatchObject({ username: 'admin' })
      expect(await store.tokens.findUser('digest of long')).toMatchObject({ username: 'admin' })
      expect(await store.tokens.findUser('digest of over')).toBeUndefined()
      await store.tokens.remove('endless', admin)
      expect(await store.tokens.findUser('digest of endless')).toBeUndefined()
      await expect(store.tokens.remove('endless', admin)).rejects.toMatchObject({ statusCode: 404 })
    })

    test('keeps users by name, and a removed one has no sessions and tokens', async () => {
      const { store } = await prepared()
      const user = await store.users.add({ id: 'u1', username: 'eve', passwordHash: 'hash' }, OPERATOR)
      await expect(
        store.users.add({ id: 'u2', username: 'eve', passwordHash: 'hash' }, OPERATOR),
      ).rejects.toMatchObject({
        statusCode: 400,
        message: expect.stringContaining('eve'),
      })
      await store.users.assignRoles('u1', ['read_only_id'], OPERATOR)
      await store.sessions.begin('of eve', user, 60)
      await store.tokens.keep({ id: 't', name: 't', digest: 'token of eve', expiresAt: 0 }, user)
      expect(await store.sessions.find('of eve')).toEqual({ id: 'u1', username: 'eve', roles: ['read_only_id'] })
      expect(await store.users.list(PAGE)).toMatchObject({
        total: 2,
        list: [{ username: 'admin' }, { username: 'eve' }],
      })
      await store.users.remove('u1', OPERATOR)
      expect(await store.sessions.find('of eve')).toBeUndefined()
      expect(await store.tokens.findUser('token of eve')).toBeUndefined()
      await expect(store.users.remove('u1', OPERATOR)).rejects.toMatchObject({ statusCode: 404 })
      await store.users.add({ id: 'u1', username: 'another', passwordHash: 'hash' }, OPERATOR)
      expect(await store.tokens.findUser('token of eve')).toBeUndefined()
    })

    test('refuses a second group of the same name, and of two made at once one', async () => {
      const { store } = await prepared()
      const wanted = (id: string) => ({ id, name: 'edge', type: 'api7_gateway', description: '', labels: { a: 'b' } })
      const made = await Promise.allSettled(['g1', 'g2'].map((id) => openOne().groups.create(wanted(id), OPERATOR)))
      expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const group = there(await store.groups.find('edge'))
      expect(await store.groups.find(group.id)).toEqual(group)
      expect(await store.groups.list({ search: 'dg' }, PAGE)).toMatchObject({
        total: 1,
        list: [{ labels: { a: 'b' } }],
      })
      await expect(
        store.groups.update(group, { name: 'default', description: '', labels: {} }, OPERATOR),
      ).rejects.toMatchObject({ statusCode: 400 })
      await store.groups.update(group, { name: 'far edge', description: 'moved', labels: {} }, OPERATOR)
      expect(await store.groups.find('far edge')).toMatchObject({ id: group.id, description: 'moved' })
    })

    test('finds a group by its newest admin key, and a removed group with its objects no more', async () => {
      const { store } = await prepared()
      const wanted = { id: 'g1', name: 'edge', type: 'api7_gateway', description: '', labels: {} }
      const group = await store.groups.create(wanted, OPERATOR)
      await store.groups.setAdminKey('old', group, OPERATOR)
      await store.groups.setAdminKey('new', group, OPERATOR)
      expect(await store.groups.findByAdminKey('old')).toBeUndefined()
      expect(await store.groups.findByAdminKey('new')).toMatchObject({ id: 'g1' })
      const service = { group, kind: 'services', id: 'echo' } as const
      await store.published.put(service, SERVICE, OPERATOR)
      await store.groups.remove(group, OPERATOR)
      expect(await store.groups.find('g1')).toBeUndefined()
      expect(await store.groups.findByAdminKey('new')).toBeUndefined()
      expect(await store.published.read(service)).toBeUndefined()
      await expect(store.groups.remove(group, OPERATOR)).rejects.toMatchObject({ statusCode: 404 })
    })

    test('lists objects by name, page by page, only those of one service when asked', async () => {
      const { store, group } = await withOrders()
      await store.published.put({ group, kind: 'services', id: 'other' }, { ...SERVICE, name: 'other' }, OPERATOR)
      for (const name of ['b', 'a'])
        await store.published.put({ group, kind: 'routes', id: `id-${name}` }, { ...ROUTE, name }, OPERATOR)
      const foreign = { ...ROUTE, name: 'foreign', service_id: 'other' }
      await store.published.put({ group, kind: 'routes', id: 'foreign' }, foreign, OPERATOR)
      const page = { limit: 2, offset: 1 }
      const { list, total } = await store.published.list({ group, kind: 'routes', serviceId: 'echo' }, page)
      expect([total, list.map(({ body }) => body.name)]).toEqual([3, ['b', 'orders']])
      expect((await store.published.list({ group, kind: 'routes' }, PAGE)).total).toBe(4)
    })

    test('keeps when an object was made, and what a person wrote in its own order', async () => {
      const { store, route } = await withOrders()
      const made = there(await store.published.read(route))
      const later = async () => (await store.published.change(route, (body) => body, OPERATOR)).updated_at
      await expect.poll(later, { timeout: 3_000, interval: 100 }).toBeGreaterThan(made.updated_at)
      const changed = await store.published.put(
        route,
        { desc: 'after', paths: ['/x'], name: 'orders', service_id: 'echo' },
        OPERATOR,
      )
      expect(changed).toMatchObject({ id: 'orders', gateway_group_id: 'default', created_at: made.created_at })
      const read = there(await store.published.read(route))
      expect(Object.keys(read.body)).toEqual(['desc', 'paths', 'name', 'service_id'])
      expect(read.body.desc).toBe('after')
    })

    test('refuses a route of a service that is not there, and changes nothing then', async () => {
      const { store, group } = await prepared()
      const route = { group, kind: 'routes', id: 'orders' } as const
      await expect(store.published.put(route, ROUTE, OPERATOR)).rejects.toMatchObject({ statusCode: 400 })
      await expect(store.published.change(route, (body) => body, OPERATOR)).rejects.toMatchObject({ statusCode: 404 })
      await expect(store.published.remove(route, OPERATOR)).rejects.toMatchObject({ statusCode: 404 })
      expect(await store.published.read(route)).toBeUndefined()
      expect((await store.audit.list(PAGE)).total).toBe(0)
    })

    test('loses none of many changes made at once through two Dashboards, and notes each once', async () => {
      const { store, route } = await withOrders()
      const two = openOne()
      const label = (index: number) => (before: typeof ROUTE & { labels?: object }) => ({
        ...before,
        labels: { ...before.labels, [`l${index}`]: 'x' },
      })
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : two).published.change(route, label(index) as never, OPERATOR),
        ),
      )
      expect(Object.keys(there(await store.published.read(route)).body.labels as object)).toHaveLength(20)
      expect((await store.audit.list(PAGE)).total).toBe(22)
    })

    test('removes a service with all its routes, however many, and notes each once', async () => {
      const { store, group, service } = await withOrders()
      const routes = Array.from({ length: 90 }, (_, index) => `route-${index}`)
      for (const id of routes)
        await store.published.put({ group, kind: 'routes', id }, { ...ROUTE, name: id }, OPERATOR)
      const before = (await store.audit.list(PAGE)).total
      await store.published.remove(service, OPERATOR)
      expect((await store.published.list({ group, kind: 'routes' }, PAGE)).total).toBe(0)
      expect(await store.published.read(service)).toBeUndefined()
      const { list, total } = await store.audit.list(PAGE)
      expect(total - before).toBe(92)
      const pages = Array.from({ length: 20 }, (_, page) => store.audit.list({ limit: 7, offset: 7 * page }))
      const paged = (await Promise.all(pages)).flatMap((page) => page.list)
      expect(paged.slice(0, PAGE.limit)).toEqual(list)
      const removed = list.filter(({ action }) => action === 'delete').map(({ resource_id }) => resource_id)
      expect(removed.sort()).toEqual(['echo', 'orders', ...routes].sort())
    })

    test('publishes the routes of a service again when its path prefix changes, however many', async () => {
      const { store, group, service } = await withOrders()
      const ids = ['orders', ...Array.from({ length: 90 }, (_, index) => `route-${index}`)]
      for (const id of ids) await store.published.put({ group, kind: 'routes', id }, { ...ROUTE, name: id }, OPERATOR)
      const before = (await store.audit.list(PAGE)).total
      await store.published.change(service, (body) => ({ ...body, path_prefix: '/api' }), OPERATOR)
      const views = await read(`${group.keyPrefix}/routes/`)
      const uris = Object.fromEntries([...views].map(([key, view]) => [key, view.uris]))
      expect(uris).toEqual(Object.fromEntries(ids.map((id) => [`${group.keyPrefix}/routes/${id}`, ['/api/orders/*']])))
      expect((await store.audit.list(PAGE)).total - before).toBe(1)
    })

    test('leaves no route behind that joins its service while that is removed', async () => {
      const { store, group, service } = await withOrders()
      const two = openOne()
      const joining = Array.from({ length: 10 }, (_, index) =>
        two.published.put(
          { group, kind: 'routes', id: `late-${index}` },
          { ...ROUTE, name: `late-${index}` },
          OPERATOR,
        ),
      )
      await Promise.allSettled([store.published.remove(service, OPERATOR), ...joining])
      expect(await store.published.read(service)).toBeUndefined()
      expect((await store.published.list({ group, kind: 'routes' }, PAGE)).list).toEqual([])
    })

    test('reads the audit log newest first, page by page', async () => {
      const { store, route } = await withOrders()
      await store.published.change(route, (body) => ({ ...body, desc: 'after' }), { ...OPERATOR, node: 'two' })
      const all = (await store.audit.list(PAGE)).list
      expect(
        all.map(({ action, resource_type, resource_id, node }) => [action, resource_type, resource_id, node]),
      ).toEqual([
        ['update', 'route', 'orders', 'two'],
        ['create', 'route', 'orders', 'control-plane-1'],
        ['create', 'service', 'echo', 'control-plane-1'],
      ])
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort((one, other) => other - one))
      expect(await store.audit.list({ limit: 1, offset: 1 })).toEqual({ total: 3, list: [all[1]] })
    })

    test('keeps the licence and the settings of the installation', async () => {
      const { store } = await prepared()
      expect(await store.license.read()).toBeUndefined()
      await store.license.write('a licence')
      await openOne().license.write('another one')
      expect(await store.license.read()).toBe('another one')
      await store.systemSettings.merge({ dp_manager_address: ['https://a:7943'], other: 1 })
      await store.systemSettings.merge({ other: 2 })
      expect(await store.systemSettings.read()).toEqual({ dp_manager_address: ['https://a:7943'], other: 2 })
      expect(await store.isWell(1_000)).toBe(true)
    })
  })
