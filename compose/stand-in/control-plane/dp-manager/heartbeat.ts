// A gateway's heartbeat: what it says of itself is noted, and it hears which group it belongs to.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Heartbeat, noteHeartbeat } from '../instances.ts'
import { type Door, groupOf } from './caller.ts'

export const heartbeatCalls = (server: FastifyInstance, door: Door): void => {
  server.post<{ Body: readonly unknown[] | undefined }>('/api/dataplane/heartbeat', async (request, reply) => {
    const body = membersOf(request.body?.[0])
    const instanceId = text(body.instance_id) || text(request.headers['gateway-instance-id'])
    if (!instanceId)
      return reply.code(400).send({ error_msg: 'instance_id is missing: expected the text of apisix.uid' })
    const { id: gatewayGroupId } = await groupOf(door, request)
    await noteHeartbeat(door.database, { ...reportOf(body, request), instanceId, gatewayGroupId })
    const config = { config_version: 1, config_payload: {} }
    return { gateway_group_id: gatewayGroupId, instance_id: instanceId, config }
  })
  for (const path of ['metrics', 'healthcheck', 'service_registry_healthcheck']) {
    server.post(`/api/dataplane/${path}`, async () => ({}))
  }
}

const reportOf = (
  body: Readonly<Record<string, unknown>>,
  request: FastifyRequest,
): Omit<Heartbeat, 'instanceId' | 'gatewayGroupId'> => ({
  runId: text(body.run_id) || text(request.headers['gateway-run-id']),
  hostname: text(body.hostname) || request.ip,
  ip: text(body.ip) || request.ip,
  version: text(body.version) || text(request.headers['gateway-version']),
  ports: Array.isArray(body.ports) ? body.ports : [],
  cores: whole(body.cores),
  controlPlaneRevision: whole(body.control_plane_revision ?? body.conf_server_revision),
})

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 256) : '')

const whole = (value: unknown): number => {
  const read = Number(value ?? 0)
  return Number.isSafeInteger(read) && read >= 0 ? read : 0
}
