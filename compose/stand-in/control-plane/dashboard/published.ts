// Publishing services and routes: the Admin API's table, the gateways' configuration and the audit log move as one.
import { type Change, publish } from '../configuration.ts'
import type { Database, Statements } from '../database.ts'
import { note, type Operator } from './audit.ts'
import type { GatewayGroup } from './gateway-groups.ts'
import type { Page } from './paging.ts'
import { patched } from './patch.ts'
import { type Body, gatewayView, type Kind, type Published, titleOf } from './published-object.ts'
import { checkBody } from './published-schema.ts'
import { RefusedError } from './refused.ts'

/** One object of one group. */
export interface Target {
  readonly group: GatewayGroup
  readonly kind: Kind
  readonly id: string
}

const MEMBERS = `gateway_group_id, id, body,
  floor(extract(epoch FROM created_at))::int8 AS created_at, floor(extract(epoch FROM updated_at))::int8 AS updated_at`

/** A page of a group's objects by name, only one service's when asked, and how many there are in all. */
export const listPublished = async (
  database: Database,
  { group, kind, serviceId }: Omit<Target, 'id'> & { readonly serviceId?: string | undefined },
  { limit, offset }: Page,
): Promise<{ readonly list: readonly Published[]; readonly total: number }> => {
  const where = 'gateway_group_id = $1 AND kind = $2 AND ($3::text IS NULL OR service_id = $3)'
  const values = [group.id, kind, serviceId ?? null]
  const [count] = await database.query<{ total: number }>(
    `SELECT count(*) AS total FROM published WHERE ${where}`,
    values,
  )
  const list = await database.query<Published>(
    `SELECT ${MEMBERS} FROM published WHERE ${where} ORDER BY name, id LIMIT $4 OFFSET $5`,
    [...values, limit, offset],
  )
  return { list, total: count?.total ?? 0 }
}

/** The object. Throws RefusedError 404. */
export const readPublished = async (database: Statements, target: Target, lock = ''): Promise<Published> => {
  const [found] = await database.query<Published>(
    `SELECT ${MEMBERS} FROM published WHERE gateway_group_id = $1 AND kind = $2 AND id = $3 ${lock}`,
    [target.group.id, target.kind, target.id],
  )
  if (found) return found
  throw new RefusedError(404, `${titleOf(target.kind)} ${target.id} is not there`)
}

/** Creates the object, or replaces the one with this id. */
export const putPublished = (
  database: Database,
  target: Target,
  candidate: unknown,
  operator: Operator,
): Promise<Published> => {
  const body = checkBody(target.kind, candidate)
  return database.transaction((transaction) => write(transaction, target, body, operator))
}

/** Changes parts of the object, reading it under lock so that two changes at once do not lose one. */
export const patchPublished = (
  database: Database,
  target: Target,
  patch: unknown,
  operator: Operator,
): Promise<Published> =>
  database.transaction(async (transaction) => {
    const before = await readPublished(transaction, target, 'FOR UPDATE')
    const body = checkBody(target.kind, patched(before.body, patch))
    return await write(transaction, target, body, operator)
  })

/** Removes the object, and with a service all its routes: one transaction, one revision. */
export const deletePublished = (database: Database, target: Target, operator: Operator): Promise<void> =>
  database.transaction(async (transaction) => {
    // Locked before the rows are chosen: a route that joins the service at this moment is then among them.
    await readPublished(transaction, target, 'FOR UPDATE')
    const removed = await transaction.query<{ kind: Kind; id: string; name: string }>(
      `DELETE FROM published WHERE gateway_group_id = $1
         AND ((kind = $2 AND id = $3) OR (kind = 'routes' AND $2 = 'services' AND service_id = $3))
       RETURNING kind, id, name`,
      [target.group.id, target.kind, target.id],
    )
    const targets = removed.map(({ kind, id, name }) => ({ group: target.group, kind, id, name }))
    await publish(
      transaction,
      targets.map((each): Change => ({ kind: 'delete', key: keyOf(each) })),
    )
    for (const each of targets) await noteDeed(transaction, operator, 'delete', each, each.name)
  })

const write = async (transaction: Statements, target: Target, body: Body, operator: Operator): Promise<Published> => {
  if (body.service_id) await lockService(transaction, target, body.service_id)
  const [row] = await transaction.query<Published & { readonly is_new: boolean }>(
    `INSERT INTO published (gateway_group_id, kind, id, name, service_id, body) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (gateway_group_id, kind, id)
       DO UPDATE SET name = $4, service_id = $5, body = $6, updated_at = now()
     RETURNING ${MEMBERS}, xmax = 0 AS is_new`,
    [target.group.id, target.kind, target.id, body.name, body.service_id ?? null, JSON.stringify(body)],
  )
  if (!row) throw new Error(`${titleOf(target.kind)} ${target.id} was written and PostgreSQL returned no row.`)
  const { is_new: isNew, ...published } = row
  await publish(transaction, [{ kind: 'put', key: keyOf(target), value: gatewayView(target.kind, published) }])
  await noteDeed(transaction, operator, isNew ? 'create' : 'update', target, body.name)
  return published
}

/** The service must be there, and stay there until the route is: a shared lock holds back whoever deletes it. */
const lockService = async (transaction: Statements, { group }: Target, serviceId: string): Promise<void> => {
  const rows = await transaction.query(
    `SELECT 1 FROM published WHERE gateway_group_id = $1 AND kind = 'services' AND id = $2 FOR SHARE`,
    [group.id, serviceId],
  )
  if (rows.length === 0) throw new RefusedError(400, `service_id ${serviceId} is not a service of ${group.name}`)
}

const keyOf = ({ group, kind, id }: Target): string => `${group.keyPrefix}/${kind}/${id}`

const noteDeed = (transaction: Statements, operator: Operator, action: string, target: Target, name: string) =>
  note(transaction, operator, {
    action,
    resource_type: titleOf(target.kind).toLowerCase(),
    resource_id: target.id,
    resource_name: name,
    gateway_group_id: target.group.id,
  })
