// The Admin API about published services and routes: the same six calls for both.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayGroup, Store, Target } from '../store.ts'
import type { Dashboard } from './dashboard-server.ts'
import { findGroup } from './gateway-groups.ts'
import { pageOf } from './paging.ts'
import { patchPublished, putPublished, readPublished } from './published.ts'
import { adminView, type Kind, type Published } from './published-object.ts'
import { RefusedError } from './refused.ts'
import { operatorOf, pathPartOf, queryOf } from './request-parts.ts'

export const publishedApi = (api: FastifyInstance, dashboard: Dashboard): void => {
  callsOf(api, dashboard, { kind: 'services', path: '/apisix/admin/services' })
  callsOf(api, dashboard, { kind: 'routes', path: '/apisix/admin/routes' })
  callsOf(api, dashboard, { kind: 'upstreams', path: '/apisix/admin/services/:service/upstreams' })
}

/** One kind, and where its calls are. */
interface Calls {
  readonly kind: Kind
  readonly path: string
}

const callsOf = (api: FastifyInstance, { store, settings }: Dashboard, { kind, path }: Calls): void => {
  const one = `${path}/:id`
  const operator = (request: FastifyRequest) => operatorOf(request, settings.nodeName)
  const targetOf = async (request: FastifyRequest, id = pathPartOf(request, 'id')): Promise<Target> => {
    if (!/^[\w.-]{1,64}$/.test(id))
      throw new RefusedError(400, `id '${id}': expected 1 to 64 letters, digits, '-', '_', '.'`)
    return { group: await groupOf(store, request), kind, id }
  }
  const put = async (request: FastifyRequest, target: Target) => ({
    value: adminView(kind, await putPublished(store, target, ownedBody(request), operator(request))),
  })

  api.get(path, async (request) => {
    const query = queryOf(request)
    const serviceId = pathPartOf(request, 'service') || query.service_id
    const page = query.page_size || query.page ? pageOf(query) : EVERYTHING
    const { list, total } = await store.published.list({ group: await groupOf(store, request), kind, serviceId }, page)
    return { list: list.map((each) => adminView(kind, each)), total }
  })
  api.get(one, async (request) => ({
    value: adminView(kind, await readOwned(store, request, await targetOf(request))),
  }))
  api.post(path, async (request) => await put(request, await targetOf(request, randomUUID())))
  api.put(one, async (request) => await put(request, await targetOf(request)))
  api.patch(one, async (request) => {
    const target = await targetOf(request)
    await readOwned(store, request, target)
    return { value: adminView(kind, await patchPublished(store, target, request.body, operator(request))) }
  })
  api.delete(one, async (request) => {
    const target = await targetOf(request)
    if (kind === 'upstreams') await readOwned(store, request, target)
    await store.published.remove(target, operator(request))
    return {}
  })
}

/** The vendor's lists are whole unless a page is asked for; its own client reads them so. */
const EVERYTHING = { limit: 100_000, offset: 0 }

/** The group asked for; with a group's admin key it need not be said, and can be no other. */
const groupOf = async (store: Store, request: FastifyRequest): Promise<GatewayGroup> => {
  const asked = queryOf(request).gateway_group_id
  const { keyGroup } = request
  if (!keyGroup) return await findGroup(store, asked)
  if (!asked || asked === keyGroup.id || asked === keyGroup.name) return keyGroup
  throw new RefusedError(403, `this admin key is not one of gateway group ${asked}`)
}

/** The body, with the service an upstream's path says it belongs to. */
const ownedBody = (request: FastifyRequest): unknown => {
  const service = pathPartOf(request, 'service')
  const { body } = request
  return service && typeof body === 'object' && body !== null ? { ...body, service_id: service } : body
}

/** The object; an upstream is there only under its own service. */
const readOwned = async (store: Store, request: FastifyRequest, target: Target): Promise<Published> => {
  const found = await readPublished(store, target)
  const service = pathPartOf(request, 'service')
  if (!service || found.body.service_id === service) return found
  throw new RefusedError(404, `Upstream ${target.id} is not one of service ${service}`)
}
