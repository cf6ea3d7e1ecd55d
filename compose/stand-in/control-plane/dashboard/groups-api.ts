// The Admin API about gateway groups and the gateway instances in them.
import type { FastifyInstance } from 'fastify'
import { listInstances } from '../instances.ts'
import type { Dashboard } from './dashboard-server.ts'
import { createGroup, findGroup, groupView, listGroups, makeInstanceToken } from './gateway-groups.ts'
import { pageOf } from './paging.ts'
import { RefusedError } from './refused.ts'
import { memberOf, operatorOf, pathPartOf, queryOf, textOf } from './request-parts.ts'

const TYPES = ['api7_gateway', 'api7_ingress_controller']

export const groupsApi = (api: FastifyInstance, { database, settings }: Dashboard): void => {
  api.get('/api/gateway_groups', async (request) => {
    const query = queryOf(request)
    const { list, total } = await listGroups(database, { name: query.name, search: query.search }, pageOf(query))
    return { list: list.map(groupView), total }
  })
  api.post('/api/gateway_groups', async (request) => {
    const type = memberOf(request, 'type') ?? 'api7_gateway'
    if (typeof type !== 'string' || !TYPES.includes(type))
      throw new RefusedError(400, `type: expected ${TYPES.join(' or ')}`)
    const wanted = {
      name: textOf(request, 'name'),
      type,
      description: String(memberOf(request, 'description') ?? ''),
      labels: Object(memberOf(request, 'labels') ?? {}),
    }
    return { value: groupView(await createGroup(database, wanted, operatorOf(request, settings.nodeName))) }
  })
  api.get('/api/gateway_groups/:group', async (request) => ({
    value: groupView(await findGroup(database, pathPartOf(request, 'group'))),
  }))
  api.get('/api/gateway_groups/:group/instances', async (request) => {
    const group = await findGroup(database, pathPartOf(request, 'group'))
    const list = await listInstances(database, group.id)
    return { list, total: list.length }
  })
  api.post('/api/gateway_groups/:group/instance_token', async (request, reply) => {
    const group = await findGroup(database, pathPartOf(request, 'group'))
    const { id, token } = await makeInstanceToken(database, group)
    if (queryOf(request).only_token === 'true') return reply.type('text/plain').send(token)
    return { value: { id, token_plain_text: token } }
  })
}
