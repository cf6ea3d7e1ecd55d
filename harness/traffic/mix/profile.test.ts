import { expect, test } from 'vitest'
import { ScenarioError } from '../../time/errors.ts'
import { profileRequests } from './profile.ts'

const read = (...entries: unknown[]) => profileRequests('shop.json', entries)

const refusal = (entry: unknown): string => {
  try {
    read({ path: '/' }, entry)
  } catch (error) {
    if (error instanceof ScenarioError) return error.message
  }
  return 'not refused'
}

test('an entry that says only a path is a GET that expects 200 and any body', () => {
  expect(read({ path: '/orders/42?full=1' })).toEqual([
    { method: 'GET', path: '/orders/42?full=1', headers: {}, expectStatuses: [200], expectEcho: false, weight: 1 },
  ])
})

test('an entry says its method, headers, body, expectation and weight', () => {
  const entry = {
    method: 'POST',
    path: '/orders',
    headers: { Authorization: 'Bearer abc' },
    body: { item: 7 },
    expect: { status: [200, 201], body: 'accepted' },
    weight: 3,
  }
  expect(read(entry)).toEqual([
    {
      method: 'POST',
      path: '/orders',
      headers: { 'content-type': 'application/json', authorization: 'Bearer abc' },
      body: '{"item":7}',
      expectStatuses: [200, 201],
      expectBody: 'accepted',
      expectEcho: false,
      weight: 3,
    },
  ])
})

test.each([
  [[], 'entry 2: expected an object with method, path, headers, body, expect, weight, got "list"'],
  [
    { path: '/', wieght: 2 },
    'entry 2 (GET /): expected nothing but method, path, headers, body, expect, weight, got "wieght"',
  ],
  [{ path: 'orders' }, "entry 2 (GET orders), path: expected a path as it is sent, from '/' on"],
  [{ path: '/a b' }, 'entry 2 (GET /a b), path: expected a path as it is sent'],
  [{}, 'entry 2, path: expected a path as it is sent'],
  [{ path: '/', method: 'get' }, 'method: expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, got "get"'],
  [{ path: '/', body: 'x' }, 'body: expected none with GET, got "string"'],
  [{ path: '/', weight: 0 }, 'weight: expected a whole number from 1 to 1000, got 0'],
  [{ path: '/', weight: 1.5 }, 'weight: expected a whole number from 1 to 1000, got 1.5'],
  [{ path: '/', headers: { 'X-Request-Id': '7' } }, 'header X-Request-Id: expected it left out'],
  [{ path: '/', headers: { a: 'x\r\ny' } }, 'header a: expected text on one line, got "string"'],
  [
    { path: '/', expect: { status: 503 } },
    'expect.status: expected a status from 200 to 499, or a list of them, got 503',
  ],
  [{ path: '/', expect: { status: [] } }, 'expect.status: expected a status from 200 to 499'],
  [{ path: '/', expect: { body: 'x', echo: true } }, 'expect.echo: expected true or false, and true only without'],
  [{ path: '/', expect: { text: 'x' } }, 'expect: expected nothing but status, body, echo, got "text"'],
  [{ path: '/', method: 'HEAD', expect: { echo: true } }, 'expect: expected no body in the answer to HEAD'],
])('%j is refused, with what was expected and what is there', (entry, because) => {
  expect(refusal(entry)).toContain(`--calls shop.json: ${because.startsWith('entry') ? because : ''}`)
  expect(refusal(entry)).toContain(because)
  expect(refusal(entry)).toContain('[ERR_CALLS]')
})

test.each([
  [{ path: '/orders?token=s3cret', headers: { cookie: 's3cret\n' } }, 'header cookie'],
  [{ path: 'orders?access_token=s3cret' }, '(GET orders), path: expected a path as it is sent'],
  [{ path: '/orders#access_token=s3cret' }, 'got "/orders"'],
  [{ path: 'https://ann:s3cret@shop/orders' }, 'got "https://shop/orders"'],
  [{ path: { token: 's3cret' } }, 'path: expected a path as it is sent'],
  [
    { path: '/', headers: [{ name: 'Authorization', value: 'Bearer s3cret' }] },
    'headers: expected an object of names and values, got "list"',
  ],
  [{ path: '/', headers: 'Authorization: Bearer s3cret' }, 'got "string"'],
  [{ path: '/', headers: { 'Authorization: Bearer s3cret': '' } }, 'header Authorization…: expected a name without'],
  [{ path: '/', body: { password: 's3cret' } }, 'body: expected none with GET, got "object"'],
  [{ path: '/', expect: 's3cret' }, 'expect: expected an object with status, body, echo, got "string"'],
  [{ path: '/', expect: { body: { token: 's3cret' } } }, 'expect.body: expected a text that the body holds'],
  [{ path: '/', method: 'HEAD', expect: { body: 's3cret' } }, 'got ["body"]'],
  ['GET /orders?token=s3cret', 'entry 2: expected an object'],
])('no value of a header or a body, and no query, is in a refusal: %j', (entry, because) => {
  expect(refusal(entry)).toContain(because)
  expect(refusal(entry)).not.toContain('s3cret')
})
