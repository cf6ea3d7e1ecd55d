import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, post, talk } from './etcd-client.fixture.ts'
import { CANDIDATES, type Server } from './servers.fixture.ts'

const PUT = '/v3/kv/put'
const RANGE = '/v3/kv/range'
const DELETE = '/v3/kv/deleterange'
const TXN = '/v3/kv/txn'
const ALL = { key: '~/', range_end: '~0' }
const at = (revision: string) => ({ revision })
const kv = (key: string, [created, modified, version]: readonly [string, string, string], value?: string) => ({
  key,
  create_revision: created,
  mod_revision: modified,
  version,
  ...(value === undefined ? {} : { value }),
})
const error = (code: number, words: string) => ({ error: words, message: words, code })

describe.each(CANDIDATES)('$name', ({ isSkipped, start }) => {
  describe.skipIf(isSkipped)('answers', () => {
    let server: Server
    beforeAll(async () => {
      server = await start(1)
    }, 30_000)
    afterAll(async () => await server?.remove())

    test('/version with the versions gateways check', async () => {
      const answer = await fetch(`${server.urls[0]}/version`)
      expect([answer.status, await answer.json()]).toEqual([200, { etcdserver: '3.4.23', etcdcluster: '3.4.0' }])
    })

    test('a put with a revision more than before, and with the previous value when asked', async () => {
      const { say } = await talk(server)
      expect(await say(PUT, { key: '~/1', value: 'one' })).toEqual([200, { header: at('+1') }])
      expect(await say(PUT, { key: '~/1', value: 'two', prev_kv: true })).toEqual([
        200,
        { header: at('+2'), prev_kv: kv('~/1', ['+1', '+1', '1'], 'one') },
      ])
      expect(await say(PUT, { key: '~/1', ignoreValue: true })).toEqual([200, { header: at('+3') }])
      expect(await say(RANGE, { key: '~/1' })).toEqual([
        200,
        { header: at('+3'), kvs: [kv('~/1', ['+1', '+3', '3'], 'two')], count: '1' },
      ])
    })

    test.each<[string, Json, number, object]>([
      ['without a key', { value: 'x' }, 400, error(3, 'etcdserver: key is not provided')],
      ['with a lease nobody has', { key: '~/1', lease: 77 }, 404, error(5, 'etcdserver: requested lease not found')],
      [
        'that keeps the value of no key',
        { key: '~/9', ignore_value: true },
        400,
        error(3, 'etcdserver: key not found'),
      ],
      [
        'that keeps the value and gives one',
        { key: '~/1', value: 'x', ignore_value: true },
        400,
        error(3, 'etcdserver: value is provided'),
      ],
      [
        'that keeps the lease and gives one',
        { key: '~/1', lease: '5', ignore_lease: true },
        400,
        error(3, 'etcdserver: lease is provided'),
      ],
    ])('a put %s with the error', async (_title, message, status, answer) => {
      const { say } = await talk(server)
      expect(await say(PUT, message)).toEqual([status, answer])
      expect((await say(RANGE, { key: '~/1' }))[1]).toEqual({ header: at('+0') })
    })

    test.each<[string, string]>([
      ['a body that is no JSON', '{nonsense'],
      ['a list for a message', '[]'],
      ['a key that is no base64', '{"key":"!!!"}'],
      ['a number for a key', '{"key":5}'],
      ['text for a number', '{"key":"YQ==","limit":"abc"}'],
      ['a fraction for a number', '{"key":"YQ==","limit":1.5}'],
      ['a word that is none of the enum', '{"key":"YQ==","sort_order":"ABC"}'],
      ['an empty body', ''],
    ])('%s with 400 and gRPC code 3', async (_title, message) => {
      expect(await post(server, RANGE, message)).toMatchObject({ status: 400, body: { code: 3 } })
    })

    test.each<[string, Json]>([
      ['a member it does not know', { nonsense: 5 }],
      ['null for a number', { limit: null }],
      ['a negative limit', { limit: -2 }],
      ['a negative revision', { revision: -2 }],
      ['numbers as text and names in camelCase', { limit: '0', sortOrder: 'NONE', keysOnly: false }],
      [
        'every member at zero, as APISIX sends them',
        {
          limit: 0,
          revision: 0,
          sort_order: 0,
          sort_target: 0,
          serializable: false,
          keys_only: false,
          count_only: false,
          min_mod_revision: 0,
          max_mod_revision: 0,
          min_create_revision: 0,
          max_create_revision: 0,
        },
      ],
    ])('a range with %s as one without', async (_title, members) => {
      const { say } = await talk(server)
      await say(PUT, { key: '~/1', value: 'one' })
      const [, answer] = await say(RANGE, { ...ALL, ...members })
      expect(answer).toEqual({ header: at('+1'), kvs: [kv('~/1', ['+1', '+1', '1'], 'one')], count: '1' })
    })

    test('a range in key order, cut at the limit, with the count of all', async () => {
      const { say } = await talk(server)
      for (const key of ['~/c', '~/a', '~/b']) await say(PUT, { key, value: key })
      expect((await say(RANGE, { ...ALL, limit: '2' }))[1]).toEqual({
        header: at('+3'),
        kvs: [kv('~/a', ['+2', '+2', '1'], '~/a'), kv('~/b', ['+3', '+3', '1'], '~/b')],
        more: true,
        count: '3',
      })
      expect((await say(RANGE, { ...ALL, count_only: true }))[1]).toEqual({ header: at('+3'), count: '3' })
      expect((await say(RANGE, { ...ALL, keysOnly: true, limit: 1 }))[1].kvs).toEqual([kv('~/a', ['+2', '+2', '1'])])
      expect((await say(RANGE, { key: '~/a', range_end: '~/a' }))[1]).toEqual({ header: at('+3') })
      expect((await say(RANGE, { key: '~/b', range_end: '\0', limit: 1 }))[1].kvs[0].key).toBe('~/b')
    })

    test.each<[string, Json, string[], boolean]>([
      ['KEY down', { sort_order: 'DESCEND' }, ['c', 'b', 'a'], false],
      ['MOD up', { sort_order: 'ASCEND', sort_target: 'MOD' }, ['c', 'a', 'b'], false],
      ['CREATE down', { sort_order: 2, sort_target: 2 }, ['b', 'a', 'c'], false],
      ['VALUE up', { sort_order: 1, sort_target: 'VALUE' }, ['b', 'c', 'a'], false],
      ['VERSION, of which up is understood', { sort_target: 'VERSION' }, ['c', 'b', 'a'], false],
      ['MOD down, two of them', { sort_order: 'DESCEND', sort_target: 'MOD', limit: 2 }, ['b', 'a'], true],
    ])('a range sorted by %s', async (_title, members, keys, more) => {
      const { say } = await talk(server)
      await say(PUT, { key: '~/c', value: '2' })
      for (const _ of [1, 2, 3]) await say(PUT, { key: '~/a', value: '3' })
      for (const _ of [1, 2]) await say(PUT, { key: '~/b', value: '1' })
      const [, answer] = await say(RANGE, { ...ALL, ...members })
      expect(answer.kvs.map(({ key }: Json) => key.slice(2))).toEqual(keys)
      expect([answer.more ?? false, answer.count]).toEqual([more, '3'])
    })

    test('a range bounded by revisions, which the count does not know of', async () => {
      const { say, base } = await talk(server)
      for (const key of ['~/a', '~/b', '~/c', '~/a']) await say(PUT, { key, value: key })
      const found = async (members: Json) => {
        const [, { kvs, count, more }] = await say(RANGE, { ...ALL, limit: 2, ...members })
        expect(more).toBeUndefined()
        return [kvs?.map(({ key }: Json) => key.slice(2)) ?? [], count]
      }
      expect(await found({ min_mod_revision: base + 3 })).toEqual([['a', 'c'], '3'])
      expect(await found({ max_mod_revision: String(base + 3) })).toEqual([['b', 'c'], '3'])
      expect(await found({ min_create_revision: base + 2, max_create_revision: base + 2 })).toEqual([['b'], '3'])
    })

    test('a range of the past as it was then, with the revision of now', async () => {
      const { say, base } = await talk(server)
      await say(PUT, { key: '~/a', value: 'one' })
      await say(PUT, { key: '~/b', value: 'two' })
      await say(DELETE, { key: '~/a' })
      await say(PUT, { key: '~/b', value: 'three' })
      expect((await say(RANGE, { ...ALL, revision: base + 2 }))[1]).toEqual({
        header: at('+4'),
        kvs: [kv('~/a', ['+1', '+1', '1'], 'one'), kv('~/b', ['+2', '+2', '1'], 'two')],
        count: '2',
      })
      expect((await say(RANGE, { ...ALL, revision: base + 3 }))[1].kvs).toEqual([kv('~/b', ['+2', '+2', '1'], 'two')])
      expect(await say(RANGE, { ...ALL, revision: base + 9 })).toEqual([
        400,
        error(11, 'etcdserver: mvcc: required revision is a future revision'),
      ])
    })

    test('a range of what was compacted with the error, and of what was not as before', async () => {
      const { say, base } = await talk(server)
      await say(PUT, { key: '~/kept', value: 'old' })
      await say(PUT, { key: '~/gone', value: 'x' })
      await say(DELETE, { key: '~/gone' })
      await say(PUT, { key: '~/a', value: '1' })
      const compacted = error(11, 'etcdserver: mvcc: required revision has been compacted')
      await say(PUT, { key: '~/kept', value: 'new' })
      expect(await say('/v3/kv/compaction', { revision: base + 4 })).toEqual([200, { header: at('+5') }])
      expect(await say('/v3/kv/compaction', { revision: base + 4 })).toEqual([400, compacted])
      expect(await say('/v3/kv/compaction', { revision: base + 9 })).toEqual([
        400,
        error(11, 'etcdserver: mvcc: required revision is a future revision'),
      ])
      expect(await say(RANGE, { ...ALL, revision: base + 3 })).toEqual([400, compacted])
      expect((await say(RANGE, { ...ALL, revision: base + 4 }))[1]).toEqual({
        header: at('+5'),
        kvs: [kv('~/a', ['+4', '+4', '1'], '1'), kv('~/kept', ['+1', '+1', '1'], 'old')],
        count: '2',
      })
    })

    test('a delete with what it deleted, and one that finds nothing without a revision of its own', async () => {
      const { say } = await talk(server)
      await say(PUT, { key: '~/a', value: 'one' })
      await say(PUT, { key: '~/b' })
      expect(await say(DELETE, { ...ALL, prev_kv: true })).toEqual([
        200,
        {
          header: at('+3'),
          deleted: '2',
          prev_kvs: [kv('~/a', ['+1', '+1', '1'], 'one'), kv('~/b', ['+2', '+2', '1'])],
        },
      ])
      expect(await say(DELETE, ALL)).toEqual([200, { header: at('+3') }])
      expect(await say(DELETE, {})).toEqual([400, error(3, 'etcdserver: key is not provided')])
      expect(await say(PUT, { key: '~/a', value: 'again' })).toEqual([200, { header: at('+4') }])
      expect((await say(RANGE, ALL))[1].kvs).toEqual([kv('~/a', ['+4', '+4', '1'], 'again')])
    })

    test('keys and values of any bytes, in the order of bytes', async () => {
      const { say } = await talk(server)
      const keys = ['~/\u0000', '~/\u007f', '~/\u00c3\u00a9', '~/\u00ff']
      for (const key of keys.toReversed()) await say(PUT, { key, value: '\u0000\u00ff\n' })
      const [, { kvs }] = await say(RANGE, ALL)
      expect(kvs.map(({ key, value }: Json) => [key, value])).toEqual(keys.map((key) => [key, '\u0000\u00ff\n']))
    })

    test('a transaction whose condition holds: all of it in one revision, each part answered', async () => {
      const { say, base } = await talk(server)
      await say(PUT, { key: '~/a', value: 'one' })
      const compare = [{ key: '~/a', target: 'MOD', result: 'EQUAL', mod_revision: base + 1 }]
      const success = [
        { request_range: { key: '~/b' } },
        { requestPut: { key: '~/b', value: 'two', prev_kv: true } },
        { request_range: { key: '~/b' } },
        { request_delete_range: { key: '~/a', prev_kv: true } },
      ]
      expect(await say(TXN, { compare, success })).toEqual([
        200,
        {
          header: at('+2'),
          succeeded: true,
          responses: [
            { response_range: { header: at('+1') } },
            { response_put: { header: at('+2') } },
            { response_range: { header: at('+2'), kvs: [kv('~/b', ['+2', '+2', '1'], 'two')], count: '1' } },
            {
              response_delete_range: {
                header: at('+2'),
                deleted: '1',
                prev_kvs: [kv('~/a', ['+1', '+1', '1'], 'one')],
              },
            },
          ],
        },
      ])
    })

    test('a transaction whose condition fails with the other way, and nested ones within', async () => {
      const { say } = await talk(server)
      await say(PUT, { key: '~/b', value: 'x' })
      const nested = {
        compare: [{ key: '~/b', target: 1, result: 'GREATER', create_revision: 1 }],
        success: [{ request_put: { key: '~/c' } }],
      }
      const message = {
        compare: [{ key: '~/none', target: 'VALUE', value: '' }],
        success: [{ request_put: { key: '~/wrong' } }],
        failure: [{ requestRange: { key: '~/b', keys_only: true } }, { request_txn: nested }],
      }
      expect(await say(TXN, message)).toEqual([
        200,
        {
          header: at('+2'),
          responses: [
            { response_range: { header: at('+1'), kvs: [kv('~/b', ['+1', '+1', '1'])], count: '1' } },
            { response_txn: { header: {}, succeeded: true, responses: [{ response_put: { header: at('+2') } }] } },
          ],
        },
      ])
      expect((await say(RANGE, { ...ALL, count_only: true }))[1].count).toBe('2')
    })

    test.each<[string, Json, boolean]>([
      ['VALUE EQUAL', { key: '~/a', target: 'VALUE', value: 'm' }, true],
      ['VALUE LESS', { key: '~/a', target: 'VALUE', result: 'LESS', value: 'n' }, true],
      ['VALUE GREATER', { key: '~/a', target: 3, result: 1, value: 'n' }, false],
      ['VALUE NOT_EQUAL', { key: '~/a', target: 'VALUE', result: 'NOT_EQUAL', value: 'n' }, true],
      ['VALUE of no key', { key: '~/none', target: 'VALUE', result: 'NOT_EQUAL', value: 'n' }, false],
      ['VERSION EQUAL', { key: '~/a', target: 'VERSION', version: '2' }, true],
      ['VERSION LESS', { key: '~/a', result: 'LESS', version: 2 }, false],
      ['CREATE of no key', { key: '~/none', target: 'CREATE', result: 'EQUAL', createRevision: 0 }, true],
      ['CREATE of a key', { key: '~/a', target: 'CREATE', result: 'EQUAL', create_revision: '0' }, false],
      ['MOD GREATER', { key: '~/a', target: 'MOD', result: 'GREATER', mod_revision: 1 }, true],
      ['LEASE NOT_EQUAL', { key: '~/a', target: 'LEASE', result: 'NOT_EQUAL', lease: '3' }, true],
      ['LEASE EQUAL', { key: '~/a', target: 'LEASE', lease: '3' }, false],
      ['every key of a range', { ...ALL, target: 'VERSION', result: 'LESS', version: 3 }, true],
      ['a range with one key that does not', { ...ALL, target: 'VERSION', result: 'GREATER', version: 1 }, false],
    ])('the condition on %s', async (_title, compare, holds) => {
      const { say } = await talk(server)
      for (const _ of [1, 2]) await say(PUT, { key: '~/a', value: 'm' })
      await say(PUT, { key: '~/b', value: 'z' })
      expect(await say(TXN, { compare: [compare] })).toEqual([
        200,
        { header: at('+3'), ...(holds ? { succeeded: true } : {}) },
      ])
    })

    const duplicate = error(3, 'etcdserver: duplicate key given in txn request')
    const put = { request_put: { key: '~/a' } }
    test.each<[string, Json, number, Json]>([
      ['a key put twice', { success: [put, put] }, 400, duplicate],
      ['a key put and deleted', { success: [put, { request_delete_range: ALL }] }, 400, duplicate],
      ['a key put twice in the way not gone', { failure: [put, put] }, 400, duplicate],
      ['a key put here and in a nested one', { success: [put, { request_txn: { failure: [put] } }] }, 400, duplicate],
      ['an operation that is none', { success: [{}] }, 400, error(3, 'etcdserver: key not found')],
      ['a condition without a key', { compare: [{ target: 'MOD' }] }, 400, error(3, 'etcdserver: key is not provided')],
      ['a put without a key', { success: [{ request_put: {} }] }, 400, error(3, 'etcdserver: key is not provided')],
      [
        'a lease nobody has, after a put',
        { success: [put, { request_put: { key: '~/b', lease: '99' } }] },
        404,
        error(5, 'etcdserver: requested lease not found'),
      ],
      [
        'a range of the future, after a put',
        { success: [put, { request_range: { key: '~/a', revision: '90000000000000' } }] },
        400,
        error(11, 'etcdserver: mvcc: required revision is a future revision'),
      ],
    ])('a transaction with %s with the error, and does nothing', async (_title, message, status, answer) => {
      const { say } = await talk(server)
      expect(await say(TXN, message)).toEqual([status, answer])
      expect((await say(RANGE, ALL))[1]).toEqual({ header: at('+0') })
    })

    test('a transaction that puts a key in both ways of a nested one, of which one is gone', async () => {
      const { say } = await talk(server)
      const [status, { header }] = await say(TXN, { success: [{ request_txn: { success: [put], failure: [put] } }] })
      expect([status, header]).toEqual([200, at('+1')])
    })

    test('an empty transaction with success and no revision of its own', async () => {
      const { say } = await talk(server)
      expect(await say(TXN, {})).toEqual([200, { header: at('+0'), succeeded: true }])
    })

    test('a path it does not have with 404', async () => {
      expect((await post(server, '/v3/nothing', {})).status).toBe(404)
      expect((await post(server, '/v3/kv/lease/grant', { TTL: 60 })).status).toBe(404)
    })
  })
})
