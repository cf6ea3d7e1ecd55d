import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  call,
  dashboardOn,
  patchDesc,
  publishOrders,
  ROUTE,
  ROUTE_PATH,
  SERVICE,
  SERVICE_PATH,
  signIn,
} from '../control-plane.fixture.ts'
import { openDatabase } from '../database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { Running } from '../program.ts'
import { hasSchema, migrate } from '../schema.ts'

describe.skipIf(HAS_NO_POSTGRES)('the Dashboard', () => {
  let postgres: Postgres
  let databaseUrl: string
  const running: Running[] = []
  const start = async (...options: [node?: string, store?: 'database' | 'memory']): Promise<Running> => {
    const dashboard = await dashboardOn(databaseUrl, ...options)
    running.push(dashboard)
    return dashboard
  }

  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    databaseUrl = await postgres.createSchema()
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
  })

  test('two nodes may make the schema at once, and both succeed at the first attempt', async () => {
    const both = [1, 2].map(() => openDatabase(databaseUrl, () => undefined))
    // Each has a connection that has seen the empty database: that is when the second could miss what the first made.
    await Promise.all(both.map((database) => hasSchema(database)))
    const made = await Promise.allSettled(both.map((database) => migrate(database)))
    expect(made).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: undefined },
    ])
    await Promise.all(both.map((database) => database.close()))
    expect((await fetch(`${(await start()).url}/healthz`)).status).toBe(200)
  })

  test('a session outlives the node that made it', async () => {
    const [one, two] = [await start('control-plane-1'), await start('control-plane-2')]
    const cookie = await signIn(one)
    await one.close()
    expect(await call(two, ['GET', '/api/me'], { cookie })).toMatchObject({
      status: 200,
      body: { value: { username: 'admin' } },
    })
  })

  test('a session kept in one process memory is unknown to the other node', async () => {
    const [one, two] = [await start('control-plane-1', 'memory'), await start('control-plane-2', 'memory')]
    const cookie = await signIn(one)
    expect((await call(one, ['GET', '/api/me'], { cookie })).status).toBe(200)
    expect((await call(two, ['GET', '/api/me'], { cookie })).status).toBe(401)
  })

  test('the session cookie is signed, kept from scripts and from other sites', async () => {
    const dashboard = await start()
    const answer = await call(dashboard, ['POST', '/api/login'], { body: { username: 'admin', password: 'admin' } })
    expect(answer.body).toEqual({
      value: { id: 'admin', username: 'admin', roles: ['super_admin_id'] },
      warning_msg: 'the default password is in use: change it',
    })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^a7session=\S+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
    const forged = cookie.split(';')[0]?.replace(/\.[^.]*$/, '.forged') ?? ''
    expect((await call(dashboard, ['GET', '/api/me'], { cookie: forged })).status).toBe(401)
  })

  test('the sign-in form leads to the services, and with a wrong password back to itself', async () => {
    const dashboard = await start()
    const submit = (password: string, next = '') =>
      fetch(`${dashboard.url}/login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ username: 'admin', password, next }),
      })
    const right = await submit('admin')
    expect([right.status, right.headers.get('location')]).toEqual([302, '/gateway_groups/default/published_services'])
    const elsewhere = await submit('admin', '//evil.example/')
    expect(elsewhere.headers.get('location')).toBe('/gateway_groups/default/published_services')
    const wrong = await submit('nimda')
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('Wrong username or password')])
  })

  test('without credentials the API answers 401 with an error_msg, and a page leads to the sign-in form', async () => {
    const dashboard = await start()
    for (const path of ['/api/me', '/api/gateway_groups', '/apisix/admin/routes?gateway_group_id=default']) {
      expect(await call(dashboard, ['GET', path])).toMatchObject({
        status: 401,
        body: { error_msg: expect.any(String) },
      })
    }
    const page = await call(dashboard, ['GET', '/audit_log'])
    expect([page.status, page.headers.get('location')]).toEqual([302, '/login?next=%2Faudit_log'])
  })

  test('a session ends for every node when it is logged out at one', async () => {
    const [one, two] = [await start('control-plane-1'), await start('control-plane-2')]
    const cookie = await signIn(one)
    await call(two, ['POST', '/api/logout'], { cookie })
    expect((await call(one, ['GET', '/api/me'], { cookie })).status).toBe(401)
  })

  test('a token and HTTP Basic are as good as a session', async () => {
    const dashboard = await start()
    const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`
    const made = await call(dashboard, ['POST', '/api/tokens'], {
      body: { name: 'ci', expires_at: 0 },
      headers: { authorization },
    })
    expect(made.body.value.token).toMatch(/^a7ee-/)
    const answer = await call(dashboard, ['GET', '/api/me'], { headers: { 'x-api-key': made.body.value.token } })
    expect(answer.status).toBe(200)
    expect((await call(dashboard, ['GET', '/api/me'], { headers: { 'x-api-key': 'a7ee-no' } })).status).toBe(401)
  })

  test('a page of another site cannot change anything with a session', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    const headers = { 'sec-fetch-site': 'same-site' }
    expect((await call(dashboard, ['PUT', ROUTE_PATH], { cookie, headers, body: ROUTE })).status).toBe(403)
  })

  test('lists come as list and total, one as value, and a page of a list keeps the total', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    for (const name of ['b', 'a']) {
      await call(dashboard, ['POST', '/apisix/admin/routes?gateway_group_id=default'], {
        cookie,
        body: { ...ROUTE, name },
      })
    }
    const list = await call(
      dashboard,
      ['GET', '/apisix/admin/routes?gateway_group_id=default&service_id=echo&page=1&page_size=2'],
      { cookie },
    )
    expect(list.body).toMatchObject({ total: 3, list: [{ name: 'a' }, { name: 'b' }] })
    const one = await call(dashboard, ['GET', ROUTE_PATH], { cookie })
    expect(one.body.value).toMatchObject({ id: 'orders', service_id: 'echo', paths: ['/orders/*'], desc: 'before' })
    const groups = await call(dashboard, ['GET', '/api/gateway_groups'], { cookie })
    expect(groups.body).toMatchObject({ total: 1, list: [{ id: 'default', name: 'default' }] })
  })

  test.each([
    ['a route without paths', ROUTE_PATH, { ...ROUTE, paths: undefined }, 400, "required property 'paths'"],
    ['a route with a member nobody knows', ROUTE_PATH, { ...ROUTE, uri: '/x' }, 400, "'uri'"],
    ['a route of a service that is not there', ROUTE_PATH, { ...ROUTE, service_id: 'nowhere' }, 400, 'nowhere'],
    ['no gateway group', '/apisix/admin/routes/orders', ROUTE, 400, 'gateway_group_id'],
    ['a group that is not there', '/apisix/admin/routes/orders?gateway_group_id=nowhere', ROUTE, 404, 'nowhere'],
    ['upstream nodes as a map', SERVICE_PATH, { ...SERVICE, upstream: { nodes: { 'a:1': 1 } } }, 400, 'upstream.nodes'],
  ])('a write with %s is refused with its reason', async (_what, path, body, status, reason) => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    const answer = await call(dashboard, ['PUT', path], { cookie, body })
    expect(answer).toMatchObject({ status, body: { error_msg: expect.stringContaining(reason) } })
  })

  test('PATCH takes a JSON Patch and a partial object, and refuses one that does not fit', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    expect((await patchDesc(dashboard, cookie, 'by patch')).body.value.desc).toBe('by patch')
    const plugins = { 'response-rewrite': { headers: { set: { 'X-Config': '7' } } } }
    const partial = await call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: { plugins } })
    expect(partial.body.value).toMatchObject({ desc: 'by patch', plugins })
    const misfit = [{ op: 'replace', path: '/nowhere/deep', value: 1 }]
    expect((await call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: misfit })).status).toBe(400)
    const gone = ROUTE_PATH.replace('orders', 'gone')
    expect((await call(dashboard, ['PATCH', gone], { cookie, body: { desc: '' } })).status).toBe(404)
  })

  test('changes made at once through two nodes are all kept', async () => {
    const nodes = [await start('control-plane-1'), await start('control-plane-2')]
    const cookie = await signIn(nodes[0] as Running)
    await publishOrders(nodes[0] as Running, cookie)
    const writes = Array.from({ length: 20 }, (_, index) =>
      call(nodes[index % 2] as Running, ['PATCH', ROUTE_PATH], { cookie, body: { labels: { [`l${index}`]: 'x' } } }),
    )
    await Promise.all(writes)
    const { labels } = (await call(nodes[1] as Running, ['GET', ROUTE_PATH], { cookie })).body.value
    expect(Object.keys(labels)).toHaveLength(20)
  })

  test('each change is in the audit log once, with who made it and through which node', async () => {
    const dashboard = await start('control-plane-2')
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    await patchDesc(dashboard, cookie, 'after')
    const { body } = await call(dashboard, ['GET', '/api/audit_logs'], { cookie })
    expect(body.total).toBe(3)
    expect(body.list[0]).toMatchObject({
      operator: 'admin',
      action: 'update',
      resource_type: 'route',
      resource_name: 'orders',
      node: 'control-plane-2',
    })
  })

  test('text a person wrote is shown as text, and the page says which node served it', async () => {
    const dashboard = await start('control-plane-2')
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    await patchDesc(dashboard, cookie, '<script>alert(1)</script>')
    const path = '/gateway_groups/default/published_services/echo/routes/orders'
    const { body } = await call(dashboard, ['GET', path], { cookie })
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(body).toContain('<small data-testid="served-by">served by control-plane-2</small>')
  })

  test('without PostgreSQL a call gets 503 with an error_msg and keeps its session, and all is well when it is back', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    await postgres.kill()
    expect((await call(dashboard, ['GET', '/healthz'])).status).toBe(503)
    expect(await call(dashboard, ['GET', '/api/me'], { cookie })).toMatchObject({
      status: 503,
      body: { error_msg: expect.stringContaining('database cannot be reached') },
    })
    await postgres.start()
    expect((await call(dashboard, ['GET', '/healthz'])).status).toBe(200)
    expect((await patchDesc(dashboard, cookie, 'after')).status).toBe(200)
  })
})
