import { expect, test } from 'vitest'
import { openapiRequests } from './openapi.ts'

const described = (paths: unknown, more: Record<string, unknown> = {}) =>
  openapiRequests('shop.yaml', { openapi: '3.1.0', paths, ...more })
const pathOf = (parameters: unknown, template = '/orders/{id}', more = {}) =>
  described({ [template]: { get: { parameters } } }, more).requests[0]?.path

test('a GET without parameters is a request that expects the successes it lists', () => {
  const responses = { 200: {}, 204: {}, '3XX': {}, 404: {}, default: {} }
  expect(described({ '/orders': { get: { responses }, post: {} }, '/only-post': { post: {} } }).requests).toEqual([
    { method: 'GET', path: '/orders', headers: {}, expectStatuses: [200, 204, '3xx'], expectEcho: false, weight: 1 },
  ])
})

test('where it lists none, any success is expected', () => {
  expect(described({ '/a': { get: { responses: { 404: {}, default: {} } } } }).requests[0]?.expectStatuses).toEqual([
    '2xx',
  ])
})

test.each([
  ['its own example', { example: 42 }],
  ['the first of its examples', { examples: { one: { value: 42 }, two: { value: 43 } } }],
  ["its schema's example", { schema: { example: 42 } }],
  ["the first of its schema's examples", { schema: { examples: [42, 43] } }],
  ["its schema's default", { schema: { default: 42 } }],
  ["the first of its schema's choices", { schema: { enum: [42, 43] } }],
])('a path parameter is bound to %s', (_, given) => {
  expect(pathOf([{ name: 'id', in: 'path', required: true, ...given }])).toBe('/orders/42')
})

test('queries, headers and cookies are sent: optional ones where they have an example of their own', () => {
  const parameters = [
    { name: 'q', in: 'query', example: 'a b' },
    { name: 'tag', in: 'query', example: ['x', 'y'] },
    { name: 'sort', in: 'query', explode: false, example: ['x', 'y'] },
    { name: 'page', in: 'query', schema: { default: 1 } },
    { name: 'size', in: 'query', required: true, schema: { default: 10 } },
    { name: 'X-Shop', in: 'header', example: 'berlin' },
    { name: 'X-Request-Id', in: 'header', required: true, example: '7' },
    { name: 'lang', in: 'cookie', example: 'de' },
  ]
  expect(described({ '/orders': { get: { parameters } } }).requests).toMatchObject([
    { path: '/orders?q=a+b&tag=x&tag=y&sort=x%2Cy&size=10', headers: { 'x-shop': 'berlin', cookie: 'lang=de' } },
  ])
})

test('references are followed within the description, and the operation overrides its path', () => {
  const components = {
    parameters: { Id: { name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/Id' } } },
    schemas: { Id: { example: 'a/b' }, Circle: { $ref: '#/components/schemas/Circle' } },
  }
  const ref = { $ref: '#/components/parameters/Id' }
  expect(pathOf([ref], '/orders/{id}', { components })).toBe('/orders/a%2Fb')
  const own = { name: 'id', in: 'path', required: true, example: 7 }
  const paths = { '/orders/{id}': { parameters: [ref], get: { parameters: [own] } } }
  expect(described(paths, { components }).requests[0]?.path).toBe('/orders/7')
  const circle = { name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/Circle' } }
  expect(pathOf([circle], '/orders/{id}', { components })).toBeUndefined()
})

test('what is described in another file, or nowhere, is left out and told', () => {
  const paths = {
    '/orders': { $ref: './paths/orders.yaml' },
    '/gone': { $ref: '#/components/pathItems/Gone' },
    '/round': { $ref: '#/paths/~1round' },
    '/items': { get: { parameters: [{ $ref: 'https://me:s3cret@shop.example/shared.yaml?t=s3cret#/Tenant' }] } },
    '/mistyped': { parameters: [{ $ref: '#/components/parameters/Tennant' }], get: {} },
  }
  const { requests, leftOut } = described(paths)
  expect(requests).toEqual([])
  expect(leftOut).toEqual([
    { what: '/orders', because: 'this file does not hold its $ref ./paths/orders.yaml' },
    { what: '/gone', because: 'this file does not hold its $ref #/components/pathItems/Gone' },
    { what: '/round', because: 'this file does not hold its $ref #/paths/~1round' },
    { what: 'GET /items', because: 'this file does not hold the $ref https://shop.example/shared.yaml of a parameter' },
    {
      what: 'GET /mistyped',
      because: 'this file does not hold the $ref #/components/parameters/Tennant of a parameter',
    },
  ])
})

test.each([
  ['query', 'pipeDelimited'],
  ['query', 'deepObject'],
  ['path', 'matrix'],
])('what has a parameter in its %s in the style %s is left out and told', (where, style) => {
  const template = where === 'path' ? '/orders/{ids}' : '/orders'
  const paths = { [template]: { get: { parameters: [{ name: 'ids', in: where, style, example: [1, 2] }] } } }
  expect(described(paths)).toEqual({
    requests: [],
    leftOut: [{ what: `GET ${template}`, because: `nobody writes its parameter ids as ${style}` }],
  })
})

test('a style that a parameter of its place has anyway is no matter, nor is that of one without a value', () => {
  const parameters = [
    { name: 'id', in: 'path', style: 'simple', required: true, example: 7 },
    { name: 'q', in: 'query', style: 'form', example: 'a' },
    { name: 'ids', in: 'query', style: 'pipeDelimited' },
  ]
  expect(pathOf(parameters)).toBe('/orders/7?q=a')
})

test.each([
  ['https://api.example/v1/', '/v1/orders'],
  ['/v2', '/v2/orders'],
  ['https://{region}.example/{base}', '/shop/orders'],
])('the path of the server %s comes first', (url, path) => {
  const servers = [{ url, variables: { region: { default: 'eu' }, base: { default: 'shop' } } }]
  expect(pathOf([], '/orders', { servers })).toBe(path)
})

test('what has a required parameter without a value, or asks for credentials, is left out and told', () => {
  const paths = {
    '/orders/{id}': { get: { parameters: [{ name: 'id', in: 'path', required: true }] } },
    '/search': { get: { parameters: [{ name: 'q', in: 'query', required: true, example: { a: 1 } }] } },
    '/odd/{x}': { get: {} },
    '/private': { get: { security: [{ key: [] }] } },
    '/public': { get: { security: [] } },
    '/either': { get: { security: [{ key: [] }, {}] } },
  }
  const { requests, leftOut } = described(paths, { security: [{ key: [] }] })
  expect(requests.map(({ path }) => path)).toEqual(['/public', '/either'])
  expect(leftOut).toMatchObject([
    { what: 'GET /orders/{id}' },
    {},
    {},
    { because: expect.stringMatching(/credentials/) },
  ])
  expect(described(paths).leftOut.map(({ because }) => because)).toEqual([
    'its parameter id has no example',
    'its parameter q has no example',
    'its path names a parameter that it does not describe',
    'it asks for credentials, which a profile may hold',
  ])
})

test.each([
  [{ security: 'x' }, 'GET /a, security: expected a list of objects, got "x"'],
  [{ security: [null] }, 'GET /a, security: expected a list of objects, got [null]'],
  [{ parameters: [{ $ref: '#/components/%' }] }, 'a $ref: expected a % before two hexadecimal digits only, got "%"'],
  [{ parameters: [{ name: 'x', in: 'header', example: 'a\r\nb' }] }, 'GET /a, header x: expected text on one line'],
  [{ parameters: [{ name: 'a b', in: 'header', example: 1 }] }, 'GET /a, header a b: expected a name without blanks'],
])('a description in which an operation has %j is refused', (get, because) => {
  const refused = { name: 'ScenarioError', code: 'ERR_CALLS', message: expect.stringContaining(because) }
  expect(() => described({ '/a': { get } })).toThrow(expect.objectContaining(refused))
})

test('a path that cannot be sent as it is is refused, and half a character is made whole', () => {
  expect(() => described({ 'orders of today': { get: {} } })).toThrow(
    "GET orders of today: expected a path from '/' on",
  )
  const secret = { name: 'api_key', in: 'query', example: 's3cret' }
  expect(() => described({ 'orders of today': { get: { parameters: [secret] } } })).not.toThrow('s3cret')
  expect(pathOf([{ name: 'id', in: 'path', required: true, example: '\ud800' }])).toBe('/orders/%EF%BF%BD')
})
