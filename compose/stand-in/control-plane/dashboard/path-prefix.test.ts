import { describe, expect, test } from 'vitest'
import { pluginsOf, urisOf } from './path-prefix.ts'
import { type Body, gatewayView } from './published-object.ts'

const route: Body = { name: 'ip', desc: '', service_id: 's', paths: ['/ip', '/ip/*'], plugins: { 'key-auth': {} } }
const service = (members: object): Body => ({ name: 's', desc: '', ...members })

/** What a gateway makes of the rewrite, as APISIX does: the first match is replaced. */
const rewritten = (plugins: object | undefined, path: string): string => {
  const { regex_uri: rule } = (plugins as Record<string, { regex_uri?: [string, string] }>)['proxy-rewrite'] ?? {}
  return rule ? path.replace(new RegExp(rule[0]), rule[1]) : path
}

describe('the path prefix of a service', () => {
  test.each([
    ['/api', ['/api/ip', '/api/ip/*']],
    ['/api/v1/', ['/api/v1/ip', '/api/v1/ip/*']],
    ['/', ['/ip', '/ip/*']],
    [undefined, ['/ip', '/ip/*']],
  ])('%s stands before every path of its routes', (path_prefix, uris) => {
    expect(urisOf(route, service({ path_prefix }))).toEqual(uris)
  })

  test('is stripped for the upstream when the service says so', () => {
    const plugins = pluginsOf(route, service({ path_prefix: '/a.b', strip_path_prefix: true }))
    expect(plugins).toMatchObject({ 'key-auth': {} })
    expect(['/a.b/ip/7', '/a.b', '/axb/ip'].map((path) => rewritten(plugins, path))).toEqual(['/ip/7', '/', '/axb/ip'])
  })

  test.each([{ path_prefix: '/api' }, { strip_path_prefix: true }, { path_prefix: '/', strip_path_prefix: true }])(
    'is left alone by %o',
    (members) => {
      expect(pluginsOf(route, service(members))).toEqual({ 'key-auth': {} })
    },
  )

  test('a rewrite of the route itself is kept, and its headers beside the one that strips', () => {
    const stripping = service({ path_prefix: '/api', strip_path_prefix: true })
    const plugins = { 'proxy-rewrite': { uri: '/own' } }
    expect(pluginsOf({ ...route, plugins }, stripping)).toEqual(plugins)
    const headers = { set: { a: 'b' } }
    expect(pluginsOf({ ...route, plugins: { 'proxy-rewrite': { headers } } }, stripping)).toEqual({
      'proxy-rewrite': { headers, regex_uri: ['^/api/?(.*)$', '/$1'] },
    })
  })

  test('reaches the gateway in members it knows and no others', () => {
    const times = { gateway_group_id: 'default', id: 'x', created_at: 1, updated_at: 2 }
    const prefixed = service({ path_prefix: '/api', strip_path_prefix: true, type: 'http', status: 1, hosts: ['a'] })
    expect(gatewayView('services', { ...times, body: prefixed })).toEqual({
      id: 'x',
      name: 's',
      desc: '',
      hosts: ['a'],
      create_time: 1,
      update_time: 2,
    })
    expect(Object.keys(gatewayView('routes', { ...times, body: route }, prefixed)).sort()).toEqual([
      'create_time',
      'desc',
      'id',
      'name',
      'plugins',
      'service_id',
      'update_time',
      'uris',
    ])
  })
})
