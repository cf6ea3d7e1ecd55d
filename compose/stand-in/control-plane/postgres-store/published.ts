// Services and routes in PostgreSQL: the Admin API's table, the gateways' configuration and the audit log move as one.
import { type Change, publish } from '../configuration.ts'
import { type Body, gatewayView, type Kind, type Published, titleOf } from '../dashboard/published-object.ts'
import { RefusedError } from '../dashboard/refused.ts'
import type { Database, Statements } from '../database.ts'
import { lockCounter } from '../revision.ts'
import type { Operator, PublishedObjects, Target } from '../store.ts'
import { note } from './audit.ts'

const MEMBERS = `gateway_group_id, id, body,
  floor(extract(epoch FROM created_at))::int8 AS created_at, floor(extract(epoch FROM updated_at))::int8 AS updated_at`

export const publishedIn = (database: Database): PublishedObjects => ({
  async list({ group, kind, serviceId }, { limit, offset }) {
    const where = 'gateway_group_id = $1 AND kind = $2 AND ($3::text IS NULL OR service_id = $3)'
    const values = [group.id, kind, serviceId ?? null]
    const [count] = await database.query<{ total: number }>(
      `SELECT count(*) AS total FROM published WHERE ${where}`,
      values,
    )
    const list = await database.query<Published>(
      `SELECT ${MEMBERS} FROM published WHERE ${where} ORDER BY name COLLATE "C", id LIMIT $4 OFFSET $5`,
      [...values, limit, offset],
    )
    return { list, total: count?.total ?? 0 }
  },
  read: (target) => read(database, target),
  put: (target, body, operator) => database.transaction((transaction) => write(transaction, target, body, operator)),
  change: (target, next, operator) =>
    database.transaction(async (transaction) => {
      const before = await readLocked(transaction, target)
      return await write(transaction, target, next(before.body), operator)
    }),
  remove: (target, operator) => database.transaction((transaction) => remove(transaction, target, operator)),
})

const read = async (database: Statements, { group, kind, id }: Target, lock = ''): Promise<Published | undefined> => {
  const [found] = await database.query<Published>(
    `SELECT ${MEMBERS} FROM published WHERE gateway_group_id = $1 AND kind = $2 AND id = $3 ${lock}`,
    [group.id, kind, id],
  )
  return found
}

const readLocked = async (transaction: Statements, target: Target): Promise<Published> => {
  const found = await read(transaction, target, 'FOR UPDATE')
  if (found) return found
  throw new RefusedError(404, `${titleOf(target.kind)} ${target.id} is not there`)
}

const remove = async (transaction: Statements, target: Target, operator: Operator): Promise<void> => {
  // Locked before the rows are chosen: a route that joins the service at this moment is then among them.
  await readLocked(transaction, target)
  const removed = await transaction.query<{ kind: Kind; id: string; name: string }>(
    `DELETE FROM published WHERE gateway_group_id = $1
       AND ((kind = $2 AND id = $3) OR ($2 = 'services' AND kind <> 'services' AND service_id = $3))
     RETURNING kind, id, name`,
    [target.group.id, target.kind, target.id],
  )
  const targets = removed.map(({ kind, id, name }) => ({ group: target.group, kind, id, name }))
  await publish(
    transaction,
    targets.map((each): Change => ({ kind: 'delete', key: keyOf(each) })),
  )
  for (const each of targets) await noteDeed(transaction, operator, 'delete', each, each.name)
}

const write = async (transaction: Statements, target: Target, body: Body, operator: Operator): Promise<Published> => {
  const service = body.service_id ? await readService(transaction, target, body.service_id) : undefined
  const [row] = await transaction.query<Published & { readonly is_new: boolean }>(
    `INSERT INTO published (gateway_group_id, kind, id, name, service_id, body) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (gateway_group_id, kind, id)
       DO UPDATE SET name = $4, service_id = $5, body = $6, updated_at = now()
     RETURNING ${MEMBERS}, xmax = 0 AS is_new`,
    [target.group.id, target.kind, target.id, body.name, body.service_id ?? null, JSON.stringify(body)],
  )
  if (!row) throw new Error(`${titleOf(target.kind)} ${target.id} was written and PostgreSQL returned no row.`)
  const { is_new: isNew, ...published } = row
  const own: Change = { kind: 'put', key: keyOf(target), value: gatewayView(target.kind, published, service) }
  await publish(transaction, [own, ...(await routesOf(transaction, target, body))])
  await noteDeed(transaction, operator, isNew ? 'create' : 'update', target, body.name)
  return published
}

/** The service must be there, and stay as it is until this is written: a shared lock holds back whoever changes it. */
const readService = async (transaction: Statements, { group }: Target, serviceId: string): Promise<Body> => {
  const service = await read(transaction, { group, kind: 'services', id: serviceId }, 'FOR SHARE')
  if (service) return service.body
  throw new RefusedError(400, `service_id ${serviceId} is not a service of ${group.name}`)
}

/** The routes of a service that was just written, as gateways are to read them from now on. */
const routesOf = async (transaction: Statements, { group, kind, id }: Target, service: Body): Promise<Change[]> => {
  if (kind !== 'services') return []
  // Read when it is this change's turn: a route that leaves the service meanwhile is either gone from here, or
  // published again after this. Locked one by one, routes and their service would be waited for crosswise.
  await lockCounter(transaction)
  const routes = await transaction.query<Published>(
    `SELECT ${MEMBERS} FROM published WHERE gateway_group_id = $1 AND kind = 'routes' AND service_id = $2 ORDER BY id`,
    [group.id, id],
  )
  return routes.map((route) => ({
    kind: 'put',
    key: keyOf({ group, kind: 'routes', id: route.id }),
    value: gatewayView('routes', route, service),
  }))
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
