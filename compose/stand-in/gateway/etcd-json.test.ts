// How the bytes of the etcd v3 JSON protocol are read and written.
import { expect, test } from 'vitest'
import { rangeBody, readFrame, readRange, watchBody } from './etcd-json.ts'

const b64 = (text: string): string => Buffer.from(text).toString('base64')
const frame = (result: object): string => JSON.stringify({ result: { header: { revision: '7' }, ...result } })

test('a range asks for the prefix up to its last byte raised by one', () => {
  expect(JSON.parse(rangeBody('/apisix'))).toEqual({ key: b64('/apisix'), range_end: b64('/apisiy') })
})

test('a watch asks for what lies under the prefix, from a revision given as a number', () => {
  const create_request = { key: b64('/apisix/'), range_end: b64('/apisix0'), start_revision: 8 }
  expect(JSON.parse(watchBody('/apisix', 8))).toEqual({ create_request })
})

test('a range is read without directory markers, and names what is no JSON', () => {
  const kvs = [
    { key: b64('/apisix/routes/'), value: b64('init_dir') },
    { key: b64('/apisix/routes/1'), value: b64('{"uri":"/ü"}'), create_revision: '3', mod_revision: '4' },
    { key: b64('/apisix/routes/2'), value: b64('{broken'), mod_revision: '5' },
  ]
  expect(readRange(JSON.stringify({ header: { revision: '7' }, kvs }), '/apisix')).toEqual({
    revision: 7,
    items: [{ key: '/apisix/routes/1', value: { uri: '/ü' }, createdIndex: 3, modifiedIndex: 4 }],
    unreadable: ['/apisix/routes/2'],
  })
})

test('what lies beside the prefix is left out of a range that holds it too', () => {
  const [own, foreign] = ['/api7/1/routes/a', '/api7/10/routes/a'].map((key) => ({ key: b64(key), value: b64('{}') }))
  const { items } = readRange(JSON.stringify({ header: { revision: '7' }, kvs: [own, foreign] }), '/api7/1')
  expect(items.map(({ key }) => key)).toEqual(['/api7/1/routes/a'])
})

test('an empty range is an empty configuration, one without a revision is an error', () => {
  expect(readRange('{"header":{"revision":"7"}}', '/apisix')).toEqual({ revision: 7, items: [], unreadable: [] })
  expect(() => readRange('{"kvs":[]}', '/apisix')).toThrow('etcd response missing header.revision')
})

test('an event without a type is a put, a DELETE has no value', () => {
  const put = { kv: { key: b64('/apisix/routes/1'), value: b64('{}'), create_revision: '6', mod_revision: '6' } }
  const removed = { type: 'DELETE', kv: { key: b64('/apisix/routes/2'), mod_revision: '7' } }
  expect(readFrame(frame({ events: [put, removed] }))).toEqual({
    kind: 'changes',
    revision: 7,
    changes: [
      { kind: 'put', item: { key: '/apisix/routes/1', value: {}, createdIndex: 6, modifiedIndex: 6 } },
      { kind: 'delete', key: '/apisix/routes/2', revision: 7 },
    ],
  })
})

test('a cancelled watch is compacted when it says up to where, and an error otherwise', () => {
  expect(readFrame(frame({ canceled: true, compact_revision: '5' }))).toEqual({ kind: 'compacted', revision: 5 })
  expect(() => readFrame(frame({ created: true, canceled: true, cancel_reason: 'denied' }))).toThrow(
    'cancelled: denied',
  )
})

test('a blank line, a frame without events and an error line are errors, as they are to real gateways', () => {
  expect(() => readFrame('')).toThrow()
  expect(() => readFrame(frame({}))).toThrow('frame without events')
  expect(() => readFrame('{"error":{"grpc_code":14,"message":"gone"}}')).toThrow('answered with an error: gone')
})
