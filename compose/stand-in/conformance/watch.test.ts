import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, post, talk } from './etcd-client.fixture.ts'
import { CANDIDATES, type Server } from './servers.fixture.ts'
import { openWatch } from './watch-lines.fixture.ts'

const PUT = '/v3/kv/put'
const DELETE = '/v3/kv/deleterange'
const ALL = { key: '~/', range_end: '~0' }
const created = { created: true }

describe.each(CANDIDATES)('$name', ({ name, isSkipped, start }) => {
  describe.skipIf(isSkipped)('a watch', () => {
    let server: Server
    beforeAll(async () => {
      server = await start(1)
    }, 30_000)
    afterAll(async () => await server?.remove())

    /** A talk with a watch in it, whose frames come readable. */
    const watching = async (members: Json, prepare: (said: Awaited<ReturnType<typeof talk>>) => Promise<unknown>) => {
      const said = await talk(server)
      await prepare(said)
      const requests = (typeof members === 'function' ? members(said.base) : [{ create_request: members }]) as Json[]
      const watch = await openWatch(
        server,
        requests.map((each) => said.encoded(each)),
      )
      const next = async () => said.readable(await watch.next())?.result
      return { ...said, ...watch, next }
    }
    const nothing = async (): Promise<void> => undefined

    test('is a chunked answer of JSON lines: created first, then each revision as one frame', async () => {
      const { next, say, status, headers, stop } = await watching(ALL, nothing)
      expect([status, headers.get('content-type'), headers.get('transfer-encoding')]).toEqual([
        200,
        'application/json',
        'chunked',
      ])
      expect(await next()).toEqual({ header: { revision: '+0' }, ...created })
      await say(PUT, { key: '~/a', value: 'one' })
      await say('/v3/kv/txn', {
        success: [{ request_put: { key: '~/b' } }, { request_delete_range: { key: '~/a' } }],
      })
      const kv = { key: '~/a', create_revision: '+1', mod_revision: '+1', version: '1', value: 'one' }
      expect(await next()).toEqual({ header: { revision: '+1' }, events: [{ kv }] })
      expect(await next()).toEqual({
        header: { revision: '+2' },
        events: [
          { kv: { key: '~/b', create_revision: '+2', mod_revision: '+2', version: '1' } },
          { type: 'DELETE', kv: { key: '~/a', mod_revision: '+2' } },
        ],
      })
      stop()
    })

    test('from a past revision tells what was missed in order, and then what comes', async () => {
      const begin = (base: number) => [{ create_request: { ...ALL, start_revision: String(base + 2), prevKv: true } }]
      const { next, say, stop } = await watching(begin, async (said) => {
        await said.say(PUT, { key: '~/a', value: 'before' })
        await said.say(PUT, { key: '~/b', value: 'first' })
        await said.say(PUT, { key: '~/b', value: 'second' })
      })
      await next()
      const events: Json[] = []
      while (events.length < 2) events.push(...(await next()).events)
      await say(DELETE, { key: '~/b' })
      events.push(...(await next()).events)
      const b = (modified: string, version: string, value: string) => ({
        key: '~/b',
        create_revision: '+2',
        mod_revision: modified,
        version,
        value,
      })
      expect(events).toEqual([
        { kv: b('+2', '1', 'first') },
        { kv: b('+3', '2', 'second'), prev_kv: b('+2', '1', 'first') },
        { type: 'DELETE', kv: { key: '~/b', mod_revision: '+4' }, prev_kv: b('+3', '2', 'second') },
      ])
      stop()
    })

    test.each<[string, Json, string[]]>([
      ['NOPUT', ['NOPUT'], ['DELETE a', 'DELETE last']],
      ['NODELETE, by its number', [1], ['PUT a', 'PUT last']],
      ['none', [], ['PUT a', 'DELETE a', 'PUT last', 'DELETE last']],
    ])('with the filter %s', async (_title, filters, expected) => {
      const { next, say, stop } = await watching({ ...ALL, filters }, nothing)
      await next()
      for (const key of ['~/a', '~/last']) {
        await say(PUT, { key })
        await say(DELETE, { key })
      }
      const seen: string[] = []
      while (seen.length < expected.length) {
        for (const { type, kv } of (await next()).events) seen.push(`${type ?? 'PUT'} ${kv.key.slice(2)}`)
      }
      expect(seen).toEqual(expected)
      stop()
    })

    test('of one key hears nothing of its neighbours', async () => {
      const { next, say, stop } = await watching({ key: '~/b' }, nothing)
      await next()
      for (const key of ['~/a', '~/b\u0000', '~/bb', '~/b']) await say(PUT, { key })
      expect((await next()).events.map((event: Json) => event.kv.key)).toEqual(['~/b'])
      stop()
    })

    test('one of several on a stream says its id, ends when it is cancelled, and leaves the others', async () => {
      const messages = () => [
        { create_request: ALL },
        { create_request: { ...ALL, watch_id: '5' } },
        { cancel_request: { watch_id: 5 } },
        { progress_request: {} },
      ]
      const { next, say, stop } = await watching(messages, nothing)
      const header = { revision: '+0' }
      expect([await next(), await next(), await next(), await next()]).toEqual([
        { header, ...created },
        { header, watch_id: '5', ...created },
        { header, watch_id: '5', canceled: true },
        { header, watch_id: '-1' },
      ])
      await say(PUT, { key: '~/a' })
      const frame = await next()
      expect([frame.watch_id, frame.events.length]).toEqual([undefined, 1])
      stop()
    })

    test('of an empty range is refused on the stream', async () => {
      const { next, stop } = await watching({ key: '~/b', range_end: '~/a' }, nothing)
      expect(await next()).toMatchObject({
        ...created,
        watch_id: '-1',
        canceled: true,
        cancel_reason: 'mvcc: watcher range is empty',
      })
      stop()
    })

    test('from a compacted revision is canceled and told where to begin, and from there it begins', async () => {
      const begin = (base: number) => [{ create_request: { ...ALL, start_revision: base + 1 } }]
      const { next, base, encoded, stop } = await watching(begin, async (said) => {
        for (const key of ['~/a', '~/b', '~/c']) await said.say(PUT, { key })
        await said.say('/v3/kv/compaction', { revision: said.base + 3 })
      })
      expect(await next()).toMatchObject(created)
      expect(await next()).toMatchObject({ canceled: true, compact_revision: '+3' })
      stop()
      const again = await openWatch(server, [encoded({ create_request: { ...ALL, start_revision: base + 3 } })])
      const [, frame] = await again.take(2)
      expect(Number(frame.result.events[0].kv.mod_revision)).toBe(base + 3)
      again.stop()
    })

    test('without progress_notify says nothing while nothing happens', async () => {
      const { next, say, stop } = await watching(ALL, nothing)
      await next()
      await post(server, '/v3/kv/range', { key: 'YQ==' })
      await say(PUT, { key: '~/only' })
      expect((await next()).events).toHaveLength(1)
      stop()
    })

    // Here the two differ on purpose. etcd parks a watch from the future without a word, and what it waits for may be a
    // revision that a failover took back; DP Manager says at once from where its history really goes on (protocol.md §1.8(3)).
    test('from a revision beyond the next one is canceled by DP Manager, and waits at etcd', async () => {
      const begin = (base: number) => [{ create_request: { ...ALL, start_revision: base + 3 } }]
      const { next, say, stop } = await watching(begin, nothing)
      expect(await next()).toMatchObject(created)
      const first = next()
      for (const key of ['~/a', '~/b', '~/c']) await say(PUT, { key })
      if (name === 'etcd 3.4') expect((await first).events[0].kv).toMatchObject({ key: '~/c', mod_revision: '+3' })
      else expect(await first).toMatchObject({ canceled: true, compact_revision: '+1' })
      stop()
    })

    // And here: when nothing is watched on a stream any more, DP Manager ends it, so that a gateway connects again at
    // once and where it likes; etcd leaves it open for messages that HTTP/1.1 clients cannot send.
    test('that is canceled is the end of the stream at DP Manager, and not at etcd', async () => {
      const messages = () => [{ create_request: ALL }, { cancel_request: { watch_id: '0' } }]
      const { next, take, stop } = await watching(messages, nothing)
      await take(2)
      const isEtcd = name === 'etcd 3.4'
      const end = next().then((frame) => (frame === undefined ? 'ended' : frame))
      expect(await Promise.race([end, said(isEtcd ? 200 : 5000)])).toBe(isEtcd ? 'open' : 'ended')
      stop()
    })
  })
})

const said = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(resolve, ms, 'open'))
