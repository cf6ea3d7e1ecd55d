// The Admin API about gateway groups and the gateway instances in them.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Dashboard } from './dashboard-server.ts'
import { findGroup, groupView } from './gateway-groups.ts'
import { pageOf } from './paging.ts'
import { digest, randomSecret } from './passwords.ts'
import { RefusedError } from './refused.ts'
import { memberOf, operatorOf, pathPartOf, queryOf, textOf } from './request-parts.ts'

const TYPES = ['api7_gateway', 'api7_ingress_controller']

export const groupsApi = (api: FastifyInstance, { store, settings }: Dashboard): void => {
  api.get('/api/gateway_groups', async (request) => {
    const query = queryOf(request)
    const { list, total } = await store.groups.list({ name: query.name, search: query.search }, pageOf(query))
    return { list: list.map(groupView), total }
  })
  api.post('/api/gateway_groups', async (request) => {
    const type = memberOf(request, 'type') ?? 'api7_gateway'
    if (typeof type !== 'string' || !TYPES.includes(type))
      throw new RefusedError(400, `type: expected ${TYPES.join(' or ')}`)
    const wanted = {
      id: randomUUID(),
      name: textOf(request, 'name'),
      type,
      description: String(memberOf(request, 'description') ?? ''),
      labels: Object(memberOf(request, 'labels') ?? {}),
    }
    return { value: groupView(await store.groups.create(wanted, operatorOf(request, settings.nodeName))) }
  })
  api.get('/api/gateway_groups/:group', async (request) => ({
    value: groupView(await findGroup(store, pathPartOf(request, 'group'))),
  }))
  api.put('/api/gateway_groups/:group', async (request) => {
    const group = await findGroup(store, pathPartOf(request, 'group'))
    const changes = {
      name: textOf(request, 'name'),
      description: String(memberOf(request, 'description') ?? ''),
      labels: Object(memberOf(request, 'labels') ?? {}),
    }
    return { value: groupView(await store.groups.update(group, changes, operatorOf(request, settings.nodeName))) }
  })
  api.delete('/api/gateway_groups/:group', async (request) => {
    const group = await findGroup(store, pathPartOf(request, 'group'))
    if (group.id === 'default') throw new RefusedError(400, 'the default gateway group cannot be deleted')
    await store.groups.remove(group, operatorOf(request, settings.nodeName))
    return {}
  })
  api.put('/api/gateway_groups/:group/admin_key', async (request) => {
    const group = await findGroup(store, pathPartOf(request, 'group'))
    const key = `a7adm-${randomSecret()}`
    await store.groups.setAdminKey(digest(key), group, operatorOf(request, settings.nodeName))
    return { value: { key } }
  })
}
