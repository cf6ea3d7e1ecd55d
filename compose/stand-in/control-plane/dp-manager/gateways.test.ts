import { request } from 'node:https'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { base64, type Json, plain } from '../../conformance/etcd-client.fixture.ts'
import { tokenFrom } from '../../conformance/servers.fixture.ts'
import { openWatch } from '../../conformance/watch-lines.fixture.ts'
import { issueClientCertificate, makeAuthority } from '../certificates.ts'
import { publish, publishMarkers } from '../configuration.ts'
import { digest, hashPassword } from '../dashboard/passwords.ts'
import { type Database, openDatabase } from '../database.ts'
import { readAuthority } from '../installation.ts'
import { listInstances, removeGone } from '../instances.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { Running } from '../program.ts'
import { migrate } from '../schema.ts'
import { settingsFrom } from '../settings.ts'
import { startDpManager } from './dp-manager-server.ts'
import { tokenOf } from './operator-token.ts'

const SECRET = 'a-secret-for-tests'
const denied = { error: 'etcdserver: permission denied', message: 'etcdserver: permission denied', code: 7 }

describe.skipIf(HAS_NO_POSTGRES)('the DP Manager', () => {
  let postgres: Postgres
  let database: Database
  let manager: Running
  let tlsPort: number
  beforeAll(async () => {
    postgres = await startPostgres()
    // A time zone ahead of UTC, which once broke the vendor's instance states.
    const databaseUrl = `${await postgres.createSchema()}%20-c%20timezone%3DAsia/Tokyo`
    database = openDatabase(databaseUrl, () => undefined)
    await migrate(database, { adminPassword: 'admin', instanceToken: 'the-deployment-s-token' })
    tlsPort = await freePort()
    const environment = {
      DATABASE_URL: databaseUrl,
      LISTEN_HOST: '127.0.0.1',
      LISTEN_PORT: '0',
      TLS_PORT: String(tlsPort),
      LOG_LEVEL: 'silent',
      SESSION_SECRET: SECRET,
    }
    manager = await startDpManager(settingsFrom(environment, 7900), { progressMs: 50 })
    await manager.ready
    await database.transaction(async (transaction) => {
      await transaction.query(
        `INSERT INTO gateway_groups (id, name, type, key_prefix) VALUES ('blue', 'Blue', 'api7_gateway', '/api7/blue')`,
      )
      await transaction.query(
        `INSERT INTO instance_tokens (id, gateway_group_id, token_hash) VALUES ('1', 'blue', $1)`,
        [digest('blue-token')],
      )
      await publishMarkers(transaction, '/api7/blue')
      await publish(transaction, [
        { kind: 'put', key: '/apisix/routes/r', value: { of: 'default' } },
        { kind: 'put', key: '/api7/blue/routes/r', value: { of: 'blue' } },
      ])
    })
  }, 30_000)
  afterAll(async () => {
    await manager?.close()
    await database?.close()
    await postgres?.remove()
  })

  const call = async (path: string, message: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(manager.url + path, { method: 'POST', body: JSON.stringify(message), headers })
    return { status: answer.status, body: (await answer.json()) as Json }
  }
  const ALL = { key: base64('/apisix'), range_end: base64('/apisiy') }
  const routesOf = ({ body }: { body: Json }) =>
    body.kvs
      .map((kv: Json) => [plain(kv.key), plain(kv.value)])
      .filter(([key]: string[]) => key?.startsWith('/apisix/routes/'))
  const PUT = { key: base64('/apisix/routes/new'), value: base64('{}') }

  describe('to a gateway', () => {
    test.each<[string, Record<string, string>, string]>([
      ['without a token shows the default group', {}, 'default'],
      ['with the placeholder shows the default group', { 'control-plane-token': 'a7ee-placeholder' }, 'default'],
      [
        'with the token that the deployment brought shows the default group',
        { 'control-plane-token': 'the-deployment-s-token' },
        'default',
      ],
      ['with a token of a group shows that group, as /apisix', { 'control-plane-token': 'blue-token' }, 'blue'],
    ])('%s', async (_title, headers, group) => {
      expect(routesOf(await call('/v3/kv/range', ALL, headers))).toEqual([
        ['/apisix/routes/', 'init_dir'],
        ['/apisix/routes/r', `{"of":"${group}"}`],
      ])
    })

    test.each([
      ['/v3/kv/range', ALL],
      ['/v3/watch', { create_request: ALL }],
      ['/api/dataplane/heartbeat', { instance_id: 'x' }],
    ])('with a token nobody made is refused at %s', async (path, message) => {
      const { status, body } = await call(path, message, { 'control-plane-token': 'made-up' })
      expect([status, body.error]).toEqual([401, expect.stringContaining('not an instance token of any gateway group')])
    })

    test('shows no key beside its group, however it asks', async () => {
      const everything = { key: base64('\0'), range_end: base64('\0') }
      const wider = { key: base64('/aaaaaa~'), range_end: base64('/zzzzzz!') }
      for (const range of [everything, wider]) {
        for (const [token, group] of [
          ['', 'default'],
          ['blue-token', 'blue'],
        ] as const) {
          const found = await call('/v3/kv/range', range, { 'control-plane-token': token })
          expect(found.body.count).toBe('14')
          expect(routesOf(found).at(-1)).toEqual(['/apisix/routes/r', `{"of":"${group}"}`])
        }
      }
      const beside = { key: base64('/api7/blue/routes/r') }
      expect((await call('/v3/kv/range', beside)).body.kvs).toBeUndefined()
    })

    test('of a group, a watch tells that group’s changes as /apisix and no others', async () => {
      const headers = { 'control-plane-token': 'blue-token' }
      const closing = new AbortController()
      const body = JSON.stringify({ create_request: { ...ALL, prev_kv: true } })
      const answer = await fetch(`${manager.url}/v3/watch`, { method: 'POST', body, headers, signal: closing.signal })
      const reader = answer.body?.getReader()
      const read = async (): Promise<Json> => JSON.parse(Buffer.from((await reader?.read())?.value ?? []).toString())
      await read()
      for (const prefix of ['/apisix', '/api7/blue']) {
        await database.transaction((transaction) =>
          publish(transaction, [{ kind: 'put', key: `${prefix}/routes/r`, value: { of: prefix } }]),
        )
      }
      const { result } = await read()
      closing.abort()
      const [event] = result.events
      expect(result.events).toHaveLength(1)
      expect([plain(event.kv.key), plain(event.kv.value)]).toEqual(['/apisix/routes/r', '{"of":"/api7/blue"}'])
      expect([plain(event.prev_kv.key), plain(event.prev_kv.value)]).toEqual(['/apisix/routes/r', '{"of":"blue"}'])
    })

    test.each([
      ['3.10.6', 403],
      ['3.11.0', 403],
      ['4.0.0-rc1', 403],
      ['3.10.5', 200],
      ['3.9.12', 200],
      ['', 200],
    ])('of version %s says %i: one newer than the control plane is refused', async (version, status) => {
      const headers = { 'gateway-version': version }
      const asked = await fetch(`${manager.url}/version`, { headers })
      const { status: ranged, body } = await call('/v3/kv/range', ALL, headers)
      expect([asked.status, ranged]).toEqual([status, status])
      if (status === 403) expect(body.error).toContain("newer than the control plane's 3.10.5")
    })
  })

  describe('lets an operator write and a gateway only read', () => {
    test.each([
      ['/v3/kv/put', PUT],
      ['/v3/kv/deleterange', { key: PUT.key }],
      ['/v3/kv/txn', { success: [{ request_put: PUT }] }],
      ['/v3/kv/compaction', { revision: 1 }],
      ['/v3/lease/grant', { TTL: 5 }],
      ['/v3/lease/keepalive', { ID: 5 }],
      ['/v3/lease/revoke', { ID: 5 }],
    ])('%s without a token is permission denied, with a wrong one an invalid token', async (path, message) => {
      expect(await call(path, message)).toEqual({ status: 403, body: denied })
      const invalid = 'etcdserver: invalid auth token'
      for (const token of [
        'wrong',
        tokenOf('another secret', 'admin', Date.now() + 60_000),
        tokenOf(SECRET, 'admin', Date.now() - 1),
      ]) {
        const answer = await call(path, message, { authorization: token })
        expect(answer).toEqual({ status: 401, body: { error: invalid, message: invalid, code: 16 } })
      }
    })

    test('a marker a gateway puts at its start is accepted and changes nothing', async () => {
      const before = (await call('/v3/kv/range', ALL)).body
      const marker = { key: base64('/apisix/routes/'), value: base64('init_dir') }
      expect(await call('/v3/kv/put', marker)).toEqual({ status: 200, body: { header: before.header } })
      expect((await call('/v3/kv/range', ALL)).body).toEqual(before)
    })

    test('a token of one DP Manager is good at any other with the same secret, and sees all keys', async () => {
      const authorization = await tokenFrom(manager.url)
      expect((await call('/v3/kv/put', PUT, { authorization })).status).toBe(200)
      const own = tokenOf(SECRET, 'admin', Date.now() + 60_000)
      const { body } = await call('/v3/kv/range', { key: base64('/api7/blue/routes/r') }, { authorization: own })
      expect(body.count).toBe('1')
      await call('/v3/kv/deleterange', { key: PUT.key }, { authorization })
    })

    test('a user without the role may sign in, and not write', async () => {
      await database.query(`INSERT INTO users (id, username, password_hash) VALUES ('u', 'reader', $1)`, [
        await hashPassword('reader-password'),
      ])
      const { status, body } = await call('/v3/auth/authenticate', { name: 'reader', password: 'reader-password' })
      expect(status).toBe(200)
      expect(await call('/v3/kv/put', PUT, { authorization: body.token })).toEqual({ status: 403, body: denied })
      expect(routesOf(await call('/v3/kv/range', ALL, { authorization: body.token }))).toHaveLength(2)
    })

    test.each([
      ['admin', 'wrong'],
      ['nobody', 'admin'],
      ['', ''],
    ])("the name '%s' with the password '%s' is answered in etcd's words", async (name, password) => {
      const words = 'etcdserver: authentication failed, invalid user ID or password'
      expect(await call('/v3/auth/authenticate', { name, password })).toEqual({
        status: 400,
        body: { error: words, message: words, code: 3 },
      })
    })

    test('a watch with a wrong token is made and canceled in one frame', async () => {
      const watch = await openWatch({ urls: [manager.url], token: 'wrong', remove: async () => undefined }, [
        { create_request: ALL },
      ])
      const { result } = await watch.next()
      expect(result).toMatchObject({ watch_id: '-1', created: true, canceled: true })
      expect(result.cancel_reason).toBe('rpc error: code = Unauthenticated desc = etcdserver: invalid auth token')
      expect(await watch.next()).toBeUndefined()
    })
  })

  test('progress is told to a watch that asks for it, and is the revision it has come to', async () => {
    const server = { urls: [manager.url] as const, token: '', remove: async () => undefined }
    const watch = await openWatch(server, [{ create_request: { ...ALL, progress_notify: true } }])
    const [created, progress] = await watch.take(2)
    watch.stop()
    expect(progress).toEqual({ result: { header: created.result.header } })
  })

  describe('over TLS', () => {
    /** What a gateway with this certificate gets: the answer, or the error of its connection. */
    const over = async (identity: { certificate?: string; key?: string }, message: unknown = ALL) => {
      const authority = await readAuthority(database)
      return await new Promise<{ status?: number | undefined; body?: Json; error?: string }>((resolve) => {
        const options = {
          host: '127.0.0.1',
          port: tlsPort,
          servername: 'api7ee3-dp-manager',
          path: '/v3/kv/range',
          method: 'POST',
          ca: authority?.certificate,
          cert: identity.certificate,
          key: identity.key,
          agent: false,
        }
        const asked = request(options, (answer) => {
          let text = ''
          answer.on('data', (chunk) => {
            text += chunk
          })
          answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }))
        })
        asked.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }))
        asked.end(JSON.stringify(message))
      })
    }

    test('a gateway is of the group its certificate was issued for', async () => {
      const authority = await readAuthority(database)
      if (!authority) throw new Error('The installation has no authority.')
      const identity = await issueClientCertificate(authority, { gatewayGroupId: 'blue' })
      const { status, body } = await over(identity)
      expect([status, body.count]).toEqual([200, '14'])
      expect(routesOf({ body }).at(-1)?.[1]).toContain('blue')
      const removed = await over(await issueClientCertificate(authority, { gatewayGroupId: 'removed' }))
      expect([removed.status, removed.body.error]).toEqual([403, expect.stringContaining('group removed is not there')])
    })

    test('a client without a certificate, or with another installation’s, does not get past the handshake', async () => {
      const stranger = await issueClientCertificate(await makeAuthority(), { gatewayGroupId: 'default' })
      const answers = [await over({}), await over(stranger)]
      expect(answers).toEqual([
        { error: expect.stringMatching(/^ERR_SSL|ECONNRESET/) },
        { error: expect.stringMatching(/^ERR_SSL|ECONNRESET/) },
      ])
    })
  })

  describe('an instance', () => {
    const beat = (id: string, revision?: number) =>
      call('/api/dataplane/heartbeat', { instance_id: id, hostname: id, control_plane_revision: revision })
    const statusOf = async (id: string) =>
      (await listInstances(database, 'default')).find((instance) => instance.id === id)?.status

    test.each([
      ['0 s', 'Healthy'],
      ['29 s', 'Healthy'],
      ['31 s', 'LostConnection'],
      ['119 min', 'LostConnection'],
      ['121 min', 'Offline'],
      ['167 h', 'Offline'],
      ['169 h', undefined],
    ])('silent for %s is %s, whatever the time zone of the database', async (silence, status) => {
      await beat('silent')
      await database.query(`UPDATE instances SET last_heartbeat_at = now() - $1::interval WHERE id = 'silent'`, [
        silence,
      ])
      expect(await statusOf('silent')).toBe(status)
    })

    test('is removed when it was silent for 7 days, and not before', async () => {
      for (const [id, silence] of [
        ['old', '169 h'],
        ['newer', '167 h'],
      ]) {
        await beat(String(id))
        await database.query('UPDATE instances SET last_heartbeat_at = now() - $2::interval WHERE id = $1', [
          id,
          silence,
        ])
      }
      await removeGone(database)
      const left = await database.query<{ id: string }>(`SELECT id FROM instances WHERE id IN ('old', 'newer')`)
      expect(left).toEqual([{ id: 'newer' }])
    })

    test('whose heartbeats come while its revision stays behind for 30 s is out of sync', async () => {
      const { body } = await call('/v3/kv/range', ALL)
      await beat('behind', Number(body.header.revision))
      await database.transaction((transaction) =>
        publish(transaction, [{ kind: 'put', key: '/apisix/routes/r', value: { of: 'default' } }]),
      )
      expect(await statusOf('behind')).toBe('Healthy')
      await database.query(`UPDATE config_event SET at = at - interval '31 s'`)
      expect(await statusOf('behind')).toBe('OutOfSync')
      await beat('behind', Number((await call('/v3/kv/range', ALL)).body.header.revision))
      expect(await statusOf('behind')).toBe('Healthy')
    })

    test('whose group did not change is in sync, however much others did', async () => {
      await beat('unmoved', Number((await call('/v3/kv/range', ALL)).body.header.revision))
      await database.transaction((transaction) =>
        publish(transaction, [{ kind: 'put', key: '/api7/blue/routes/r', value: { of: 'blue' } }]),
      )
      await database.query(`UPDATE config_event SET at = at - interval '31 s'`)
      expect(await statusOf('unmoved')).toBe('Healthy')
    })
  })
})

const freePort = async (): Promise<number> =>
  await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0))
    })
  })
