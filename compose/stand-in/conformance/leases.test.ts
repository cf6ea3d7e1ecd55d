import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { talk } from './etcd-client.fixture.ts'
import { CANDIDATES, type Server } from './servers.fixture.ts'
import { openWatch } from './watch-lines.fixture.ts'

const newId = (): string => String(Math.floor(Math.random() * 1e12) + 1)
const notFound = {
  error: 'etcdserver: requested lease not found',
  message: 'etcdserver: requested lease not found',
  code: 5,
}
const header = { revision: '+0' }

const idOf = (lease: { readonly ID: string }): string => lease.ID

describe.each(CANDIDATES)('$name', ({ name, isSkipped, start }) => {
  describe.skipIf(isSkipped)('a lease', () => {
    let server: Server
    beforeAll(async () => {
      server = await start(3)
    }, 30_000)
    afterAll(async () => await server?.remove())

    test('is granted with the id asked for, once, and with one of the server’s own where none is', async () => {
      const { say } = await talk(server)
      const ID = newId()
      expect(await say('/v3/lease/grant', { TTL: '60', ID })).toEqual([200, { header, ID, TTL: '60' }])
      const exists = 'etcdserver: lease already exists'
      expect(await say('/v3/lease/grant', { TTL: 60, ID })).toEqual([412, { error: exists, message: exists, code: 9 }])
      const [status, own] = await say('/v3/lease/grant', { TTL: 60, ID: 0 })
      expect([status, own.TTL, BigInt(own.ID) > 0n]).toEqual([200, '60', true])
      const tooLarge = 'etcdserver: too large lease TTL'
      expect(await say('/v3/lease/grant', { TTL: '9000000001' })).toEqual([
        400,
        { error: tooLarge, message: tooLarge, code: 11 },
      ])
      const [, { leases }] = await say('/v3/lease/leases', {})
      expect(leases).toContainEqual({ ID })
      // etcd lists them by what is left of them: two of one TTL come in either order.
      const again = (await say('/v3/kv/lease/leases', {}))[1].leases
      expect(new Set(again.map(idOf))).toEqual(new Set(leases.map(idOf)))
      expect(again).toHaveLength(leases.length)
    })

    test('stands at its keys, tells what is left of it, and is kept alive by a line for each message', async () => {
      const { say } = await talk(server)
      const ID = newId()
      await say('/v3/lease/grant', { TTL: 60, ID })
      await say('/v3/kv/put', { key: '~/a', value: 'x', lease: ID })
      expect((await say('/v3/kv/range', { key: '~/a' }))[1].kvs[0].lease).toBe(ID)
      const [, left] = await say('/v3/lease/timetolive', { ID, keys: true })
      expect(left).toEqual({
        header: { revision: '+1' },
        ID,
        TTL: expect.stringMatching(/^(59|60)$/),
        grantedTTL: '60',
        keys: ['~/a'],
      })
      expect((await say('/v3/kv/lease/timetolive', { ID }))[1]).not.toHaveProperty('keys')
      expect(await say('/v3/lease/keepalive', { ID })).toEqual([
        200,
        { result: { header: { revision: '+1' }, ID, TTL: '60' } },
      ])
      await say('/v3/kv/put', { key: '~/a', value: 'y', ignore_lease: true })
      expect((await say('/v3/kv/range', { key: '~/a' }))[1].kvs[0].lease).toBe(ID)
      await say('/v3/kv/put', { key: '~/a', value: 'z' })
      expect((await say('/v3/kv/range', { key: '~/a' }))[1].kvs[0].lease).toBeUndefined()
    })

    test('that nobody has lives for -1, is kept alive for nothing and cannot be revoked', async () => {
      const { say } = await talk(server)
      const ID = newId()
      expect(await say('/v3/lease/timetolive', { ID })).toEqual([200, { header, ID, TTL: '-1' }])
      expect(await say('/v3/lease/keepalive', { ID })).toEqual([200, { result: { header, ID } }])
      expect(await say('/v3/lease/revoke', { ID })).toEqual([404, notFound])
      expect(await say('/v3/kv/lease/revoke', { ID })).toEqual([404, notFound])
    })

    test('that is revoked takes its keys with it, in one revision', async () => {
      const { say, encoded, readable } = await talk(server)
      const ID = newId()
      await say('/v3/lease/grant', { TTL: 60, ID })
      for (const key of ['~/a', '~/b']) await say('/v3/kv/put', { key, lease: ID })
      const watch = await openWatch(server, [encoded({ create_request: { key: '~/', range_end: '~0' } })])
      await watch.next()
      expect(await say('/v3/lease/revoke', { ID })).toEqual([200, { header: { revision: '+3' } }])
      const { result } = readable(await watch.next())
      expect(result).toEqual({
        header: { revision: '+3' },
        events: ['~/a', '~/b'].map((key) => ({ type: 'DELETE', kv: { key, mod_revision: '+3' } })),
      })
      watch.stop()
    })

    test('that runs out takes its keys with it, once, and one that is kept alive does not', async () => {
      const { say, encoded, readable } = await talk(server)
      const [ends, lives] = [newId(), newId()]
      for (const ID of [ends, lives]) await say('/v3/lease/grant', { TTL: 2, ID })
      await say('/v3/kv/put', { key: '~/ends', lease: ends })
      await say('/v3/kv/put', { key: '~/lives', lease: lives })
      const watch = await openWatch(server, [encoded({ create_request: { key: '~/', range_end: '~0' } })])
      await watch.next()
      const beating = setInterval(() => void say('/v3/lease/keepalive', { ID: lives }), 500)
      const { result } = readable(await watch.next())
      clearInterval(beating)
      expect(result).toEqual({
        header: { revision: '+3' },
        events: [{ type: 'DELETE', kv: { key: '~/ends', mod_revision: '+3' } }],
      })
      expect((await say('/v3/lease/timetolive', { ID: ends }))[1].TTL).toBe('-1')
      await say('/v3/kv/put', { key: '~/last' })
      expect(readable(await watch.next()).result.events).toMatchObject([{ kv: { key: '~/last' } }])
      watch.stop()
    })

    test('is never shorter than the server’s least', async () => {
      const { say } = await talk(server)
      // etcd derives it from its election timeout, which is shorter in tests than the usual second.
      expect((await say('/v3/lease/grant', { TTL: -5 }))[1].TTL).toBe(name === 'etcd 3.4' ? '1' : '2')
    })
  })
})
