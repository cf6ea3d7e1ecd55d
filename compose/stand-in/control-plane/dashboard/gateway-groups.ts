// Gateway groups: which gateways share a configuration, and the tokens by which a gateway joins one.
import { randomUUID } from 'node:crypto'
import { publishMarkers } from '../configuration.ts'
import type { Database, Statements } from '../database.ts'
import { note, type Operator } from './audit.ts'
import type { Page } from './paging.ts'
import { digest, randomSecret } from './passwords.ts'
import { RefusedError } from './refused.ts'

export interface GatewayGroup {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly description: string
  readonly labels: object
  /** Where its configuration stands in the keyspace. */
  readonly keyPrefix: string
  readonly createdAt: number
  readonly updatedAt: number
}

const MEMBERS = `id, name, type, description, labels, key_prefix AS "keyPrefix",
  floor(extract(epoch FROM created_at))::int8 AS "createdAt", floor(extract(epoch FROM updated_at))::int8 AS "updatedAt"`

/** The group with this id or name. Throws RefusedError 400 when none is asked for, 404 when there is no such group. */
export const findGroup = async (database: Statements, idOrName: string | undefined): Promise<GatewayGroup> => {
  if (!idOrName) throw new RefusedError(400, 'gateway_group_id is missing: say ?gateway_group_id=default')
  const [group] = await database.query<GatewayGroup>(
    `SELECT ${MEMBERS} FROM gateway_groups WHERE id = $1 OR name = $1 ORDER BY id = $1 DESC LIMIT 1`,
    [idOrName],
  )
  if (group) return group
  throw new RefusedError(404, `gateway group ${idOrName} is not there`)
}

/** A page of the groups, those with `name` or containing `search` when asked, and how many there are. */
export const listGroups = async (
  database: Database,
  { name, search }: { readonly name?: string | undefined; readonly search?: string | undefined },
  { limit, offset }: Page,
): Promise<{ readonly list: readonly GatewayGroup[]; readonly total: number }> => {
  const where = '($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR position($2 IN name) > 0)'
  const values = [name ?? null, search ?? null]
  const [count] = await database.query<{ total: number }>(
    `SELECT count(*) AS total FROM gateway_groups WHERE ${where}`,
    values,
  )
  const list = await database.query<GatewayGroup>(
    `SELECT ${MEMBERS} FROM gateway_groups WHERE ${where} ORDER BY created_at, id LIMIT $3 OFFSET $4`,
    [...values, limit, offset],
  )
  return { list, total: count?.total ?? 0 }
}

/** Makes a group. Throws RefusedError 400 when its name is taken. */
export const createGroup = (
  database: Database,
  wanted: { readonly name: string; readonly type: string; readonly description: string; readonly labels: object },
  operator: Operator,
): Promise<GatewayGroup> =>
  database.transaction(async (transaction) => {
    const id = randomUUID()
    const [group] = await transaction.query<GatewayGroup>(
      `INSERT INTO gateway_groups (id, name, type, description, labels, key_prefix) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (name) DO NOTHING RETURNING ${MEMBERS}`,
      [id, wanted.name, wanted.type, wanted.description, JSON.stringify(wanted.labels), `/api7/${id}`],
    )
    if (!group) throw new RefusedError(400, `a gateway group named ${wanted.name} is already there`)
    await publishMarkers(transaction, group.keyPrefix)
    const deed = { action: 'create', resource_type: 'gateway_group', resource_name: group.name }
    await note(transaction, operator, { ...deed, resource_id: id, gateway_group_id: id })
    return group
  })

/** Makes a token by which a gateway joins the group. Its text is shown this once. */
export const makeInstanceToken = async (
  database: Database,
  group: GatewayGroup,
): Promise<{ readonly id: string; readonly token: string }> => {
  const made = { id: randomUUID(), token: `a7dp-${randomSecret()}` }
  await database.transaction((transaction) =>
    transaction.query('INSERT INTO instance_tokens (id, gateway_group_id, token_hash) VALUES ($1, $2, $3)', [
      made.id,
      group.id,
      digest(made.token),
    ]),
  )
  return made
}

/** The Admin API's view of a group. */
export const groupView = (group: GatewayGroup): object => ({
  id: group.id,
  name: group.name,
  type: group.type,
  description: group.description,
  labels: group.labels,
  created_at: group.createdAt,
  updated_at: group.updatedAt,
  config: { control_plane_key_prefix: group.keyPrefix },
})
