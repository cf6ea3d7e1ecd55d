// A small Admin API in memory, for tests: services and routes of one gateway group, with what the vendor's adds to each.
import type { AdminAnswer, AdminApi } from './admin-api.ts'

interface Given {
  readonly services?: readonly object[]
  readonly routes?: readonly object[]
}

export const smallAdminApi = ({ services = [], routes = [] }: Given = {}) => {
  const group = 'default'
  const asked: string[] = []
  const kept: Readonly<Record<string, Map<string, object>>> = { services: new Map(), routes: new Map() }
  const put = (kind: string, id: string, body: unknown): object => {
    const item = { ...(body as object), id, gateway_group_id: group, created_at: 1, updated_at: 2 }
    kept[kind]?.set(id, item)
    return item
  }
  for (const [i, service] of services.entries()) put('services', String(i + 1), service)
  for (const [i, route] of routes.entries()) put('routes', String(i + 1), route)

  const answerTo: AdminApi['call'] = async (method, path, body) => {
    const { pathname, searchParams } = new URL(path, 'http://dashboard')
    const [, kind = '', , id] = /^\/apisix\/admin\/(\w+)(\/(\w+))?$/.exec(pathname) ?? []
    const objects = kept[kind]
    if (!objects || searchParams.get('gateway_group_id') !== group) return said(404)
    if (method === 'POST') return said(200, { value: put(kind, String(objects.size + 1), body) })
    if (id === undefined) return said(200, { list: [...objects].map(([key, item]) => ({ ...item, id: key })) })
    return objects.has(id) ? said(200, { value: objects.get(id) }) : said(404)
  }
  const call: AdminApi['call'] = async (method, path, body) => {
    asked.push(`${method} ${path.replace(/[?&].*/, '')}`)
    return answerTo(method, path, body)
  }
  const api: AdminApi = { call, signIn: async () => {}, cookie: () => '' }
  return { api, asked, all: (kind: 'services' | 'routes') => [...(kept[kind]?.values() ?? [])] }
}

const said = (status: number, body: object = { error_msg: 'no' }): AdminAnswer => ({ status, body, node: null })
