// The Admin API about published services and routes: the same six calls for both.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Dashboard } from './dashboard-server.ts'
import { findGroup } from './gateway-groups.ts'
import { pageOf } from './paging.ts'
import {
  deletePublished,
  listPublished,
  patchPublished,
  putPublished,
  readPublished,
  type Target,
} from './published.ts'
import { adminView, type Kind } from './published-object.ts'
import { RefusedError } from './refused.ts'
import { operatorOf, pathPartOf, queryOf } from './request-parts.ts'

export const publishedApi = (api: FastifyInstance, dashboard: Dashboard): void => {
  callsOf(api, dashboard, 'services')
  callsOf(api, dashboard, 'routes')
}

const callsOf = (api: FastifyInstance, { database, settings }: Dashboard, kind: Kind): void => {
  const all = `/apisix/admin/${kind}`
  const one = `${all}/:id`
  const groupOf = (request: FastifyRequest) => findGroup(database, queryOf(request).gateway_group_id)
  const targetOf = async (request: FastifyRequest, id = pathPartOf(request, 'id')): Promise<Target> => {
    if (!/^[\w.-]{1,64}$/.test(id))
      throw new RefusedError(400, `id '${id}': expected 1 to 64 letters, digits, '-', '_', '.'`)
    return { group: await groupOf(request), kind, id }
  }
  const operator = (request: FastifyRequest) => operatorOf(request, settings.nodeName)

  api.get(all, async (request) => {
    const wanted = { group: await groupOf(request), kind, serviceId: queryOf(request).service_id }
    const { list, total } = await listPublished(database, wanted, pageOf(queryOf(request)))
    return { list: list.map(adminView), total }
  })
  api.get(one, async (request) => ({ value: adminView(await readPublished(database, await targetOf(request))) }))
  api.post(all, async (request) => {
    const target = await targetOf(request, randomUUID())
    return { value: adminView(await putPublished(database, target, request.body, operator(request))) }
  })
  api.put(one, async (request) => {
    const target = await targetOf(request)
    return { value: adminView(await putPublished(database, target, request.body, operator(request))) }
  })
  api.patch(one, async (request) => {
    const target = await targetOf(request)
    return { value: adminView(await patchPublished(database, target, request.body, operator(request))) }
  })
  api.delete(one, async (request) => {
    await deletePublished(database, await targetOf(request), operator(request))
    return {}
  })
}
