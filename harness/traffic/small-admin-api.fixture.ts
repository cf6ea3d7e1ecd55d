// A small Admin API in memory, for tests: services and routes of the gateway group `default`, with what the vendor's adds to each.
import type { AdminAnswer, AdminApi } from './admin-api.ts'

interface Given {
  readonly services?: readonly object[]
  readonly routes?: readonly object[]
  /** The id of the group: the vendor's is a UUID in some installations. */
  readonly groupId?: string
  /** False: PATCH takes a partial object alone, as that of 3.2 does. */
  readonly takesJsonPatch?: boolean
}

export const smallAdminApi = ({
  services = [],
  routes = [],
  groupId = 'default',
  takesJsonPatch = true,
}: Given = {}) => {
  const asked: string[] = []
  const kept: Readonly<Record<string, Map<string, object>>> = { services: new Map(), routes: new Map() }
  const put = (kind: string, id: string, body: object): object => {
    const item = { ...body, id, gateway_group_id: groupId, created_at: 1, updated_at: 2 }
    kept[kind]?.set(id, item)
    return item
  }
  for (const [i, service] of services.entries()) put('services', String(i + 1), service)
  for (const [i, route] of routes.entries()) put('routes', String(i + 1), route)

  const answerTo: AdminApi['call'] = async (method, path, sent) => {
    const { pathname, searchParams } = new URL(path, 'http://dashboard')
    // Whether they are looked for by name is the installation's own matter.
    if (pathname === '/api/gateway_groups')
      return said(200, {
        list: [
          { id: 'of-others', name: 'blue' },
          { id: groupId, name: 'default' },
        ],
      })
    const [, kind = '', , id] = /^\/apisix\/admin\/(\w+)(\/(\w+))?$/.exec(pathname) ?? []
    const objects = kept[kind]
    if (!objects || searchParams.get('gateway_group_id') !== groupId) return said(404)
    const body = sent as object
    if (method === 'POST') return said(200, { value: put(kind, String(objects.size + 1), body) })
    if (id === undefined) return said(200, { list: [...objects.values()] })
    if (method === 'PUT') return said(200, { value: put(kind, id, body) })
    const found = objects.get(id)
    if (!found) return said(404)
    if (method !== 'PATCH') return said(200, { value: found })
    return takesJsonPatch && Array.isArray(body)
      ? said(200, { value: put(kind, id, { ...found, ...membersIn(body) }) })
      : said(400)
  }
  const call: AdminApi['call'] = async (method, path, body) => {
    asked.push(`${method} ${path.replace(/[?&].*/, '')}`)
    return answerTo(method, path, body)
  }
  const api: AdminApi = { call, signIn: async () => {}, cookie: () => '' }
  return { api, asked, all: (kind: 'services' | 'routes') => [...(kept[kind]?.values() ?? [])] }
}

const said = (status: number, body: object = { error_msg: 'no' }): AdminAnswer => ({ status, body, node: null })

const membersIn = (patch: readonly { readonly path: string; readonly value: unknown }[]): object =>
  Object.fromEntries(patch.map(({ path, value }) => [path.slice(1), value]))
