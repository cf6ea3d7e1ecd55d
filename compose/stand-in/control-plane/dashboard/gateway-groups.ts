// Gateway groups: which gateways share a configuration, and the tokens by which a gateway joins one.
import { randomUUID } from 'node:crypto'
import type { GatewayGroup, Store } from '../store.ts'
import { digest, randomSecret } from './passwords.ts'
import { RefusedError } from './refused.ts'

/** The group with this id or name. Throws RefusedError 400 when none is asked for, 404 when there is no such group. */
export const findGroup = async ({ groups }: Store, idOrName: string | undefined): Promise<GatewayGroup> => {
  if (!idOrName) throw new RefusedError(400, 'gateway_group_id is missing: say ?gateway_group_id=default')
  const group = await groups.find(idOrName)
  if (group) return group
  throw new RefusedError(404, `gateway group ${idOrName} is not there`)
}

/** Makes a token by which a gateway joins the group. Its text is shown this once. */
export const makeInstanceToken = async (
  { groups }: Store,
  group: GatewayGroup,
): Promise<{ readonly id: string; readonly token: string }> => {
  const made = { id: randomUUID(), token: `a7dp-${randomSecret()}` }
  await groups.keepInstanceToken({ id: made.id, digest: digest(made.token) }, group)
  return made
}

/** The Admin API's view of a group. What is written as `description` is read as `desc`, as the vendor's is. */
export const groupView = (group: GatewayGroup): object => ({
  id: group.id,
  name: group.name,
  type: group.type,
  desc: group.description,
  labels: group.labels,
  created_at: group.createdAt,
  updated_at: group.updatedAt,
  config: { control_plane_key_prefix: group.keyPrefix },
})
