// The Admin API about the gateways of a group: who is there, and what a new one needs to join.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { issueClientCertificate } from '../certificates.ts'
import type { Instance } from '../instances.ts'
import type { GatewayGroup, Store } from '../store.ts'
import type { Dashboard } from './dashboard-server.ts'
import { dockerScript, scriptQuestionOf } from './docker-script.ts'
import { findGroup, makeInstanceToken } from './gateway-groups.ts'
import { RefusedError } from './refused.ts'
import { memberOf, pathPartOf, queryOf, textsOf } from './request-parts.ts'

/** What a gateway proves its group with, and whom it may trust. */
export interface GatewayCertificate {
  readonly id: string
  readonly certificate: string
  readonly private_key: string
  readonly ca_certificate: string
  readonly gateway_group_id: string
  /** Epoch seconds. */
  readonly expiry: number
}

export const gatewaysApi = (api: FastifyInstance, dashboard: Dashboard): void => {
  const { store } = dashboard
  api.get('/api/gateway_groups/:group/instances', async (request) => {
    const list = await wanted(store, pathPartOf(request, 'group'), queryOf(request).status)
    return { list, total: list.length }
  })
  api.get('/api/instances', async (request) => {
    const { gateway_group_id: group, status } = queryOf(request)
    const list = await wanted(store, group, status)
    return { list, total: list.length }
  })
  api.get('/api/instances/count/status', async (request) => ({
    value: countsOf(await wanted(store, queryOf(request).gateway_group_id ?? 'default')),
  }))
  api.post('/api/gateway_groups/:group/instance_token', async (request, reply) => {
    const { id, token } = await makeInstanceToken(store, await findGroup(store, pathPartOf(request, 'group')))
    if (queryOf(request).only_token === 'true') return reply.type('text/plain').send(token)
    return { value: { id, token_plain_text: token } }
  })
  api.post('/api/gateway_groups/:group/dp_client_certificates', async (request) => ({
    value: await certificateFor(store, await findGroup(store, pathPartOf(request, 'group'))),
  }))
  api.get('/api/gateway_groups/:group/deployment/docker', async (request, reply) => {
    const group = await findGroup(store, pathPartOf(request, 'group'))
    const question = scriptQuestionOf(request, await addressesOf(store))
    return reply.type('text/shell').send(dockerScript(question, await certificateFor(store, group)))
  })
  settingsApi(api, store)
}

const settingsApi = (api: FastifyInstance, store: Store): void => {
  api.get('/api/system_settings', async () => ({ value: await store.systemSettings.read() }))
  api.put('/api/system_settings', async (request) => {
    if (memberOf(request, 'dp_manager_address') === undefined)
      throw new RefusedError(400, 'dp_manager_address is missing: expected a list of addresses')
    const addresses = textsOf(request, 'dp_manager_address')
    const wrong = addresses.find((address) => !/^https?:\/\/[^\s/'"]+$/.test(address))
    if (wrong !== undefined) throw new RefusedError(400, `dp_manager_address '${wrong}': expected https://host:port`)
    return { value: await store.systemSettings.merge({ dp_manager_address: addresses }) }
  })
}

/** Where gateways are told to find DP Manager; none while nobody has said. */
export const addressesOf = async ({ systemSettings }: Store): Promise<readonly string[]> => {
  const { dp_manager_address: addresses } = await systemSettings.read()
  return Array.isArray(addresses) ? addresses.map(String) : []
}

/** Where nobody tells the control plane of its gateways there is no list of them: an empty one would say that there are none. */
const wanted = async (store: Store, group: string | undefined, status?: string): Promise<readonly Instance[]> => {
  if (!store.instances.areKnown) throw new RefusedError(404, 'Instances of this installation cannot be listed')
  const list = await store.instances.list(await findGroup(store, group))
  return status ? list.filter((instance) => instance.status === status) : list
}

const countsOf = (list: readonly Instance[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>([
    ['Healthy', 0],
    ['OutOfSync', 0],
    ['LostConnection', 0],
    ['Offline', 0],
  ])
  for (const { status } of list) counts.set(status, (counts.get(status) ?? 0) + 1)
  return Object.fromEntries(counts)
}

const certificateFor = async (store: Store, group: GatewayGroup): Promise<GatewayCertificate> => {
  const authority = await store.installation.authority()
  const { certificate, key, expiresAt } = await issueClientCertificate(authority, { gatewayGroupId: group.id })
  return {
    id: randomUUID(),
    certificate,
    private_key: key,
    ca_certificate: authority.certificate,
    gateway_group_id: group.id,
    expiry: Math.floor(expiresAt.getTime() / 1_000),
  }
}
