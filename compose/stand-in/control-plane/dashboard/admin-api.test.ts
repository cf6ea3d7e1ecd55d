import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readSettings as gatewaySettings } from '../../gateway/settings.ts'
import {
  type Answer,
  call,
  dashboardOn,
  dpManagerOn,
  publishOrders,
  ROUTE,
  ROUTE_PATH,
  rangeOf,
  SERVICE,
  SERVICE_PATH,
  signIn,
} from '../control-plane.fixture.ts'
import { openDatabase } from '../database.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { Running } from '../program.ts'

const GROUP = 'gateway_group_id=default'

describe.skipIf(HAS_NO_POSTGRES)('the Admin API', () => {
  let postgres: Postgres
  let dashboard: Running
  let databaseUrl: string
  let cookie: string
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    databaseUrl = await postgres.createSchema()
    dashboard = await dashboardOn(databaseUrl, 'control-plane-1', 'database', { licenseText: '' })
    cookie = await signIn(dashboard)
  })
  afterEach(async () => await dashboard.close())

  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call(dashboard, [method, path], { cookie, body })
  const asking = (headers: Record<string, string>) => (method: string, path: string, body?: unknown) =>
    call(dashboard, [method, path], { headers, body })

  test('says there is no license until one is uploaded, and a dry run uploads none', async () => {
    expect((await ask('GET', '/api/license')).status).toBe(404)
    const dry = await ask('PUT', '/api/license?dry-run=all', { data: 'text' })
    expect([dry.status, dry.body.value.customer]).toEqual([200, 'firedrill'])
    expect((await ask('GET', '/api/license')).status).toBe(404)
    await ask('PUT', '/api/license', { data: 'text' })
    expect((await ask('GET', '/api/license')).body.value.runtime).toEqual({ status: 'normal' })
  })

  test.each([
    ['Short1!', 'has 7 characters'],
    ['all-lower-case-1', 'an upper case letter'],
    ['NoDigitsAtAll!', 'a digit'],
    ['NoSignAtAll123', 'a sign'],
  ])('a new password %s is refused with what it lacks', async (password, lack) => {
    const answer = await ask('PUT', '/api/password', { old_password: 'admin', new_password: password })
    expect(answer).toMatchObject({ status: 400, body: { error_msg: expect.stringContaining(lack) } })
  })

  test('a password is changed once the old one is said, and then no warning comes', async () => {
    const next = 'Admin12345!@#$%'
    const change = (old_password: string) => ask('PUT', '/api/password', { old_password, new_password: next })
    expect((await change('wrong')).status).toBe(400)
    expect((await change('admin')).status).toBe(200)
    expect((await ask('PUT', '/api/password', { new_password: `${next}2` })).status).toBe(400)
    const login = (password: string) => ask('POST', '/api/login', { username: 'admin', password })
    expect((await login('admin')).status).toBe(401)
    expect(await login(next)).toMatchObject({ status: 200, body: { value: { username: 'admin' } } })
    expect((await login(next)).body.warning_msg).toBeUndefined()
  })

  test('a token works until it expires or is deleted, and its text is never listed', async () => {
    const make = async (expires_at: number) =>
      (await ask('POST', '/api/tokens', { name: 'ci', expires_at })).body.value as { id: string; token: string }
    const [lasting, expired] = [await make(0), await make(Math.floor(Date.now() / 1_000) - 1)]
    const statusOf = async ({ token }: { token: string }) =>
      (await asking({ 'x-api-key': token })('GET', '/api/me')).status
    expect([await statusOf(lasting), await statusOf(expired)]).toEqual([200, 401])
    const { body } = await ask('GET', '/api/tokens')
    expect(body.list).toMatchObject([
      { name: 'ci', expires_at: 0 },
      { name: 'ci', expires_at: expect.any(Number) },
    ])
    expect(JSON.stringify(body)).not.toContain('a7ee-')
    // Many clients send the type with every call, also with those that have no body.
    const typed = { cookie, headers: { 'content-type': 'application/json' } }
    expect((await call(dashboard, ['DELETE', `/api/tokens/${lasting.id}`], typed)).status).toBe(200)
    expect(await statusOf(lasting)).toBe(401)
  })

  test('an invited user has no rights, a viewer reads, a super admin writes', async () => {
    const { id } = (await ask('POST', '/api/invites', { username: 'test', password: 'test' })).body.value
    const authorization = `Basic ${Buffer.from('test:test').toString('base64')}`
    const as = asking({ authorization })
    const rights = async () => [
      (await as('GET', '/api/me')).status,
      (await as('GET', `/apisix/admin/services?${GROUP}`)).status,
      (await as('PUT', SERVICE_PATH, SERVICE)).status,
    ]
    expect(await rights()).toEqual([200, 403, 403])
    await ask('PUT', `/api/users/${id}/assigned_roles`, { roles: ['viewer_id'] })
    expect(await rights()).toEqual([200, 200, 403])
    await ask('PUT', `/api/users/${id}/assigned_roles`, { roles: ['super_admin_id'] })
    expect(await rights()).toEqual([200, 200, 200])
    expect((await ask('DELETE', `/api/users/${id}`)).status).toBe(200)
    expect(await rights()).toEqual([401, 401, 401])
  })

  test('users cannot be named twice, get roles that are not there, or lose the first of them', async () => {
    expect((await ask('POST', '/api/invites', { username: 'admin', password: 'x' })).status).toBe(400)
    const { id } = (await ask('POST', '/api/invites', { username: 'two', password: 'x' })).body.value
    expect((await ask('PUT', `/api/users/${id}/assigned_roles`, { roles: ['king'] })).status).toBe(400)
    expect((await ask('PUT', '/api/users/nobody/assigned_roles', { roles: [] })).status).toBe(404)
    await ask('PUT', `/api/users/${id}/assigned_roles`, { roles: ['super_admin_id'] })
    const asTwo = asking({ authorization: `Basic ${Buffer.from('two:x').toString('base64')}` })
    expect((await asTwo('DELETE', '/api/users/admin')).status).toBe(400)
    expect((await asTwo('DELETE', `/api/users/${id}`)).status).toBe(400)
    expect((await ask('GET', '/api/users')).body.list).toMatchObject([
      { username: 'admin' },
      { username: 'two', roles: ['super_admin_id'] },
    ])
  })

  test('a gateway group is made, changed and removed with all that gateways read of it', async () => {
    const { id } = (await ask('POST', '/api/gateway_groups', { name: 'blue' })).body.value
    const changed = await ask('PUT', `/api/gateway_groups/${id}`, { name: 'green', description: 'later' })
    expect(changed).toMatchObject({ status: 200, body: { value: { id, name: 'green', desc: 'later' } } })
    const { list } = (await ask('GET', '/api/gateway_groups?name=green')).body
    expect(list).toMatchObject([{ id, desc: 'later' }])
    expect(list[0]).not.toHaveProperty('description')
    expect((await ask('PUT', `/api/gateway_groups/${id}`, { name: 'default' })).status).toBe(400)
    await ask('PUT', `/apisix/admin/services/echo?gateway_group_id=${id}`, SERVICE)
    const database = openDatabase(databaseUrl, () => undefined)
    try {
      const range = [Buffer.from(`/api7/${id}/`), Buffer.from(`/api7/${id}0`)]
      const keys = async () =>
        (await database.query('SELECT 1 FROM config_kv WHERE key >= $1 AND key < $2', range)).length
      expect(await keys()).toBe(14)
      expect((await ask('DELETE', `/api/gateway_groups/${id}`)).status).toBe(200)
      expect(await keys()).toBe(0)
    } finally {
      await database.close()
    }
    expect((await ask('GET', `/api/gateway_groups/${id}`)).status).toBe(404)
    expect((await ask('DELETE', '/api/gateway_groups/default')).status).toBe(400)
  })

  test('a group admin key needs no gateway_group_id, and reaches no other group and nothing else', async () => {
    const { id } = (await ask('POST', '/api/gateway_groups', { name: 'blue' })).body.value
    const { key } = (await ask('PUT', `/api/gateway_groups/${id}/admin_key`)).body.value
    expect(key).toMatch(/^a7adm-/)
    const as = asking({ 'x-api-key': key })
    const made = await as('PUT', '/apisix/admin/services/echo', SERVICE)
    expect([made.status, made.body.value.gateway_group_id]).toEqual([200, id])
    expect((await as('GET', `/apisix/admin/services?${GROUP}`)).status).toBe(403)
    expect((await as('GET', '/api/gateway_groups')).status).toBe(403)
    await ask('PUT', `/api/gateway_groups/${id}/admin_key`)
    expect((await as('GET', '/apisix/admin/services')).status).toBe(401)
  })

  test('a gateway gets a certificate of its group, signed by the one authority all Dashboards share', async () => {
    const other = await dashboardOn(databaseUrl, 'control-plane-2')
    const path = '/api/gateway_groups/default/dp_client_certificates'
    const [one, two] = [await ask('POST', path, {}), await call(other, ['POST', path], { cookie, body: {} })]
    await other.close()
    const { certificate, ca_certificate, private_key, gateway_group_id, expiry } = one.body.value
    const issued = new X509Certificate(certificate)
    expect(issued.subject).toContain('OU=default')
    expect(issued.verify(new X509Certificate(ca_certificate).publicKey)).toBe(true)
    expect(two.body.value.ca_certificate).toBe(ca_certificate)
    expect([private_key.split('\n')[0], gateway_group_id]).toEqual(['-----BEGIN PRIVATE KEY-----', 'default'])
    expect(expiry).toBe(Date.parse(issued.validTo) / 1_000)
  })

  test('the deployment script starts a gateway that knows where to go and who it is', async () => {
    const addresses = ['https://dp-manager-1:7943', 'https://dp-manager-2:7943']
    expect((await ask('PUT', '/api/system_settings', { dp_manager_address: ["https://x'y:1"] })).status).toBe(400)
    await ask('PUT', '/api/system_settings', { dp_manager_address: addresses })
    const path =
      '/api/gateway_groups/default/deployment/docker?name=gw-7&http_port=19080&extra_args[]=--label&extra_args[]=a=b'
    const { body, headers } = await ask('GET', path)
    expect(headers.get('content-type')).toContain('text/shell')
    const said = await argumentsOf(body)
    expect(said.slice(0, 4)).toEqual(['run', '-d', '--name', 'gw-7'])
    expect(said).toContain(`API7_DP_MANAGER_ENDPOINTS=${JSON.stringify(addresses)}`)
    expect(said).toContain('API7_GATEWAY_GROUP_SHORT_ID=default')
    expect(said).toContain('19080:9080')
    expect(said.slice(-3)).toEqual(['--label', 'a=b', 'firedrill/gateway:local'])
    // The gateway itself reads these variables, and finds all it needs to join.
    const pairs = said.filter((each) => /^[A-Z0-9_]+=/.test(each)).map((each) => each.split(/=(.*)/s))
    expect(gatewaySettings(Object.fromEntries(pairs))).toMatchObject({ endpoints: addresses, nodeName: 'gw-7' })
    const pem =
      said.find((each) => each.startsWith('API7_DP_MANAGER_CERT='))?.slice('API7_DP_MANAGER_CERT='.length) ?? ''
    expect(new X509Certificate(pem).subject).toContain('OU=default')
    expect((await ask('GET', `${path}&image=x';reboot;'`)).status).toBe(400)
  })

  test('a service may have more upstreams, which gateways get and which go with it', async () => {
    await publishOrders(dashboard, cookie)
    const path = '/apisix/admin/services/echo/upstreams'
    const body = { name: 'canary', nodes: [{ host: '10.0.0.8', port: 80, weight: 1 }] }
    expect((await ask('PUT', `${path}/canary?${GROUP}`, { ...body, nodes: { 'a:1': 1 } })).status).toBe(400)
    expect((await ask('PUT', `${path}/canary?${GROUP}`, body)).status).toBe(200)
    expect((await ask('GET', `${path}?${GROUP}`)).body).toMatchObject({
      total: 1,
      list: [{ id: 'canary', service_id: 'echo' }],
    })
    expect((await ask('GET', `/apisix/admin/services/other/upstreams/canary?${GROUP}`)).status).toBe(404)
    const manager = await dpManagerOn(databaseUrl)
    try {
      const canary = async () => (await rangeOf(manager, '/apisix/upstreams/canary')).seen[0]?.value
      expect(await canary()).toEqual({
        id: 'canary',
        type: 'roundrobin',
        scheme: 'http',
        name: 'canary',
        desc: '',
        nodes: body.nodes,
        create_time: expect.any(Number),
        update_time: expect.any(Number),
      })
      await ask('DELETE', SERVICE_PATH)
      expect(await canary()).toBeUndefined()
      expect((await rangeOf(manager, '/apisix/routes/orders')).seen).toEqual([])
    } finally {
      await manager.close()
    }
  })

  test('a changed path prefix reaches the gateways with every route of the service, at one revision', async () => {
    await publishOrders(dashboard, cookie)
    const prefixed = [
      { op: 'add', path: '/path_prefix', value: '/api' },
      { op: 'add', path: '/strip_path_prefix', value: true },
    ]
    expect((await ask('PATCH', SERVICE_PATH, prefixed)).status).toBe(200)
    const manager = await dpManagerOn(databaseUrl)
    try {
      const [route] = (await rangeOf(manager, '/apisix/routes/orders')).seen
      const [service] = (await rangeOf(manager, '/apisix/services/echo')).seen
      expect(route.value).toMatchObject({
        uris: ['/api/orders/*'],
        plugins: { 'proxy-rewrite': { regex_uri: ['^/api/?(.*)$', '/$1'] } },
      })
      expect(route.revision).toBe(service.revision)
      await ask('PATCH', ROUTE_PATH, [{ op: 'replace', path: '/paths', value: ['/o'] }])
      expect((await rangeOf(manager, '/apisix/routes/orders')).seen[0].value.uris).toEqual(['/api/o'])
    } finally {
      await manager.close()
    }
    expect((await ask('GET', ROUTE_PATH)).body.value.paths).toEqual(['/o'])
  })

  test('an object is accepted with the second id the vendor client sends, and lists are whole unless a page is asked', async () => {
    await publishOrders(dashboard, cookie)
    const echoed = { ...ROUTE, route_id: 'orders' }
    expect((await ask('PUT', ROUTE_PATH, echoed)).body.value.route_id).toBe('orders')
    for (let index = 0; index < 11; index += 1)
      await ask('PUT', `/apisix/admin/routes/r${index}?${GROUP}`, { ...ROUTE, name: `r${index}` })
    expect((await ask('GET', `/apisix/admin/routes?${GROUP}&service_id=echo`)).body.list).toHaveLength(12)
    expect((await ask('GET', `/apisix/admin/routes?${GROUP}&page=2&page_size=5`)).body.list).toHaveLength(5)
  })

  test('instances are counted by state', async () => {
    expect((await ask('GET', '/api/instances/count/status?gateway_group_id=default')).body.value).toEqual({
      Healthy: 0,
      OutOfSync: 0,
      LostConnection: 0,
      Offline: 0,
    })
  })
})

/** What the script would run: sh runs it with a docker that only writes its arguments down. */
const argumentsOf = async (script: string): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-script-'))
  try {
    await writeFile(join(folder, 'docker'), `#!/bin/sh\nprintf '%s\\0' "$@" > '${folder}/said'\n`)
    await chmod(join(folder, 'docker'), 0o755)
    await promisify(execFile)('sh', ['-c', script], { env: { PATH: `${folder}:/usr/bin:/bin` } })
    return (await readFile(join(folder, 'said'), 'utf8')).split('\0').slice(0, -1)
  } finally {
    await rm(folder, { recursive: true })
  }
}
