// What proxy-rewrite asks of the upstream.
import { expect, test } from 'vitest'
import { proxyRewrite } from './proxy-rewrite.ts'
import { closeAfterEach, gatewayWith, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const rewritten = (config: object, path: string) => proxyRewrite({ 'proxy-rewrite': config })?.path(path)

test('uri takes the place of the path and keeps the query of the caller', () => {
  expect(rewritten({ uri: '/new' }, '/old?x=1')).toBe('/new?x=1')
  expect(rewritten({ uri: '/new?y=2' }, '/old?x=1')).toBe('/new?y=2&x=1')
  expect(rewritten({ uri: '/new' }, '/old')).toBe('/new')
})

test('of several patterns the first that matches rewrites, and where none does the path stays', () => {
  const regex_uri = ['^/a/(.*)', '/x/$1', '^/(.*)/(.*)', '/$2/$1']
  expect(['/a/b?q=1', '/c/d', '/e'].map((path) => rewritten({ regex_uri }, path))).toEqual(['/x/b?q=1', '/d/c', '/e'])
})

test('uri comes before regex_uri', () => {
  expect(rewritten({ uri: '/u', regex_uri: ['.*', '/r'] }, '/a')).toBe('/u')
})

test('a variable, which the stand-in cannot resolve, is refused', () => {
  expect(() => rewritten({ uri: '/$arg_name' }, '/a')).toThrow('has a variable')
})

test('the upstream sees the path, method, host and headers of the rewrite', async () => {
  const port = await upstreamThat(({ method, url, headers }, response) => {
    response.end(JSON.stringify({ method, url, host: headers.host, a: headers['x-a'], b: headers['x-b'] ?? null }))
  })
  const headers = { set: { 'X-A': 'set' }, remove: ['X-B'] }
  const rewrite = { uri: '/seen', method: 'PUT', host: 'inner.example', headers }
  const { gateway } = await gatewayWith({ 'routes/r': { ...routeTo([port]), plugins: { 'proxy-rewrite': rewrite } } })
  const answer = await gateway.call('/asked?q=1', { headers: { 'X-A': 'caller', 'X-B': 'caller' } })
  expect(await answer.json()).toEqual({ method: 'PUT', url: '/seen?q=1', host: 'inner.example', a: 'set', b: null })
})
