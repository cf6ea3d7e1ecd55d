import { expect, test } from 'vitest'
import { harRequests } from './har.ts'

const entry = (url: string, status = 200, more: Record<string, unknown> = {}) => ({
  request: { method: 'GET', url, headers: [], ...more },
  response: { status },
})
const SHOP = 'https://shop.example'
const read = (...entries: unknown[]) => harRequests('shop.har', entries)

test('a request that was made three times weighs three, and expects the status that was recorded', () => {
  const { requests } = read(
    entry(`${SHOP}/orders?page=1`),
    entry(`${SHOP}/moved`, 302),
    ...Array.from({ length: 2 }, () => entry(`${SHOP}/orders?page=1`)),
  )
  expect(requests.map(({ path, expectStatuses, weight }) => [path, expectStatuses, weight])).toEqual([
    ['/orders?page=1', [200], 3],
    ['/moved', [302], 1],
  ])
})

test('what a cache was asked for again is asked for whole', () => {
  const { requests } = read(entry(`${SHOP}/a`, 304, { headers: [{ name: 'If-None-Match', value: '"1"' }] }))
  expect(requests).toMatchObject([{ headers: { host: 'shop.example' }, expectStatuses: [200, 304] }])
})

test('credentials and what belongs to one connection are not sent, and the former are told by name alone', () => {
  const secret = 'c0ffee-c0ffee'
  const headers = [
    ':authority',
    'Host',
    'Connection',
    'Transfer-Encoding',
    'Content-Length',
    'X-Request-Id',
    'Cookie',
    'Authorization',
    'Proxy-Authorization',
    'X-Api-Key',
    'X-CSRF-Token',
    'X-Session-Id',
  ].map((name) => ({ name, value: secret }))
  const { requests, leftOut } = read(
    entry(`${SHOP}/orders`, 200, { headers: [...headers, { name: 'Accept', value: 'text/html' }] }),
  )
  expect(requests[0]?.headers).toEqual({ host: 'shop.example', accept: 'text/html' })
  expect(leftOut.map(({ what }) => what)).toEqual([
    'header cookie',
    'header authorization',
    'header proxy-authorization',
    'header x-api-key',
    'header x-csrf-token',
    'header x-session-id',
  ])
  expect(JSON.stringify({ requests, leftOut })).not.toContain(secret)
})

test('the body that was sent is sent again, with its type', () => {
  const postData = { mimeType: 'application/json', text: '{"item":7}' }
  const { requests } = read(entry(`${SHOP}/orders`, 201, { method: 'POST', postData }))
  expect(requests).toMatchObject([
    { method: 'POST', body: '{"item":7}', headers: { 'content-type': 'application/json' }, expectStatuses: [201] },
  ])
})

test('the fields of a form that was recorded without its text are sent as the form does', () => {
  const params = [{ name: 'item', value: '7 & 8' }, { name: 'gift' }]
  const postData = { mimeType: 'application/x-www-form-urlencoded; charset=utf-8', params, text: '' }
  const { requests, leftOut } = read(entry(`${SHOP}/orders`, 201, { method: 'POST', postData }))
  expect([requests[0]?.body, leftOut]).toEqual(['item=7+%26+8&gift=', []])
})

test.each([
  ['a file beside the recording', { postData: { mimeType: 'image/png', text: '', params: [], _file: 'a.png' } }],
  [
    'parts of which one is a file',
    { postData: { mimeType: 'multipart/form-data; boundary=x', params: [{ name: 'photo', fileName: 'a.png' }] } },
  ],
  ['nothing but a size', { bodySize: 1200 }],
  ['its type and size', { bodySize: 1200, postData: { mimeType: 'image/png' } }],
])('a request whose body was recorded as %s is left out and told', (_, more) => {
  const { requests, leftOut } = read(entry(`${SHOP}/photos`, 201, { method: 'POST', ...more }))
  expect([requests, leftOut]).toEqual([[], [{ what: 'POST /photos', because: 'its body was not recorded' }]])
})

test.each([0, -1])('a request without a body, of the size %s, is made as it was', (bodySize) => {
  const { requests, leftOut } = read(entry(`${SHOP}/orders`, 202, { method: 'POST', bodySize }))
  expect([requests.length, leftOut]).toEqual([1, []])
})

test('credentials in a query are not sent either, and told by name alone; the rest of it is sent as it was written', () => {
  const { requests, leftOut } = read(entry(`${SHOP}/orders?tag=a%2fb&access_token=c0ffee&page=2&apiKey=c0ffee`))
  expect(requests.map(({ path }) => path)).toEqual(['/orders?tag=a%2fb&page=2'])
  expect(leftOut.map(({ what }) => what)).toEqual(['query access_token', 'query apiKey'])
  expect(read(entry(`${SHOP}/orders?token=c0ffee`)).requests[0]?.path).toBe('/orders')
  expect(JSON.stringify({ requests, leftOut })).not.toContain('c0ffee')
})

test('other origins, and whatever was answered with an error or not at all, is left out and told', () => {
  const { requests, leftOut } = read(
    entry(`${SHOP}/`),
    entry('https://cdn.example/app.js?v=1'),
    entry(`${SHOP}/gone?token=x`, 404),
    entry(`${SHOP}/down`, 503),
    entry(`${SHOP}/blocked`, 0),
    entry(`${SHOP}/socket`, 101),
  )
  expect(requests.map(({ path }) => path)).toEqual(['/'])
  expect(leftOut).toEqual([
    { what: 'GET https://cdn.example/app.js', because: 'it goes to another origin than the first request' },
    { what: 'GET /gone', because: 'it was answered with 404, which is no success' },
    { what: 'GET /down', because: 'it was answered with 503, which is no success' },
    { what: 'GET /blocked', because: 'it was answered with nothing, which is no success' },
    { what: 'GET /socket', because: 'it was answered with 101, which is no success' },
  ])
})

test.each([
  [{}, 'log.entries[0]: expected a request with a method and a whole URL'],
  [{ request: { method: 'GET', url: '/orders' }, response: { status: 200 } }, 'expected a request with a method and'],
  [{ request: { method: 'GET', url: SHOP } }, 'log.entries[0]: expected a response with a status, got nothing'],
])('%j is no entry', (odd, because) => {
  expect(() => read(odd)).toThrow(because)
})

test.each([
  [{ headers: [{}] }, 'log.entries[0], header undefined: expected a name without blanks, got nothing'],
  [{ headers: [null] }, 'log.entries[0], header undefined: expected a name'],
  [{ headers: { a: 'b' } }, 'log.entries[0].request.headers: expected a list, got "object"'],
  [{ headers: [{ name: 'a b', value: 'c' }] }, 'log.entries[0], header a b: expected a name without blanks'],
  [{ headers: [{ name: 'x', value: 's3cret\r\ny: z' }] }, 'log.entries[0], header x: expected text on one line'],
  [{ headers: [{ name: 'x', value: 5 }] }, 'log.entries[0], header x: expected text on one line, got "number"'],
  [
    { method: 'POST', postData: { mimeType: 'a\nb', text: 'c' } },
    'log.entries[0], header content-type: expected text on one line',
  ],
  [
    { method: 'POST', postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ value: 's3cret' }] } },
    'log.entries[0].request.postData.params: expected names and values',
  ],
  [{ method: 'POST', postData: { text: 5 } }, 'log.entries[0].request.postData.text: expected text, got "number"'],
])('a request with %j cannot be sent', (more, because) => {
  const refused = { name: 'ScenarioError', code: 'ERR_CALLS', message: expect.stringContaining(because) }
  expect(() => read(entry(`${SHOP}/a`, 200, more))).toThrow(expect.objectContaining(refused))
  expect(() => read(entry(`${SHOP}/a`, 200, more))).not.toThrow('s3cret')
})
