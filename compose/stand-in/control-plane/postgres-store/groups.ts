// Gateway groups in PostgreSQL, each with its prefix in the gateways' keyspace.
import { publish, publishMarkers } from '../configuration.ts'
import { RefusedError } from '../dashboard/refused.ts'
import type { Database } from '../database.ts'
import type { Deed, GatewayGroup, Groups } from '../store.ts'
import { note } from './audit.ts'

const MEMBERS = `id, name, type, description, labels, key_prefix AS "keyPrefix",
  floor(extract(epoch FROM created_at))::int8 AS "createdAt", floor(extract(epoch FROM updated_at))::int8 AS "updatedAt"`

export const groupsIn = (database: Database): Groups => ({
  async find(idOrName) {
    const [group] = await database.query<GatewayGroup>(
      `SELECT ${MEMBERS} FROM gateway_groups WHERE id = $1 OR name = $1 ORDER BY id = $1 DESC LIMIT 1`,
      [idOrName],
    )
    return group
  },
  async list({ name, search }, { limit, offset }) {
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
  },
  create: ({ id, name, type, description, labels }, operator) =>
    database.transaction(async (transaction) => {
      const [group] = await transaction.query<GatewayGroup>(
        `INSERT INTO gateway_groups (id, name, type, description, labels, key_prefix) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO NOTHING RETURNING ${MEMBERS}`,
        [id, name, type, description, JSON.stringify(labels), `/api7/${id}`],
      )
      if (!group) throw new RefusedError(400, `a gateway group named ${name} is already there`)
      await publishMarkers(transaction, group.keyPrefix)
      await note(transaction, operator, deedOn('create', group))
      return group
    }),
  update: (group, { name, description, labels }, operator) =>
    database.transaction(async (transaction) => {
      const taken = await transaction.query('SELECT 1 FROM gateway_groups WHERE name = $1 AND id <> $2', [
        name,
        group.id,
      ])
      if (taken.length > 0) throw new RefusedError(400, `a gateway group named ${name} is already there`)
      const [changed] = await transaction.query<GatewayGroup>(
        `UPDATE gateway_groups SET name = $2, description = $3, labels = $4, updated_at = now() WHERE id = $1
         RETURNING ${MEMBERS}`,
        [group.id, name, description, JSON.stringify(labels)],
      )
      if (!changed) throw new RefusedError(404, `gateway group ${group.id} is not there`)
      await note(transaction, operator, deedOn('update', changed))
      return changed
    }),
  remove: (group, operator) =>
    database.transaction(async (transaction) => {
      const removed = await transaction.query('DELETE FROM gateway_groups WHERE id = $1 RETURNING id', [group.id])
      if (removed.length === 0) throw new RefusedError(404, `gateway group ${group.id} is not there`)
      const kept = await transaction.query<{ key: Buffer }>(
        'SELECT key FROM config_kv WHERE key >= $1 AND key < $2',
        // '0' is the byte after '/'.
        [Buffer.from(`${group.keyPrefix}/`), Buffer.from(`${group.keyPrefix}0`)],
      )
      await publish(
        transaction,
        kept.map(({ key }) => ({ kind: 'delete', key: key.toString() })),
      )
      await note(transaction, operator, deedOn('delete', group))
    }),
  async setAdminKey(digest, group, operator) {
    await database.transaction(async (transaction) => {
      await transaction.query(
        `INSERT INTO admin_keys (gateway_group_id, key_hash) VALUES ($1, $2)
         ON CONFLICT (gateway_group_id) DO UPDATE SET key_hash = $2, created_at = now()`,
        [group.id, digest],
      )
      await note(transaction, operator, { ...deedOn('update', group), resource_type: 'admin_key' })
    })
  },
  async findByAdminKey(digest) {
    const [group] = await database.query<GatewayGroup>(
      `SELECT ${MEMBERS} FROM gateway_groups WHERE id = (SELECT gateway_group_id FROM admin_keys WHERE key_hash = $1)`,
      [digest],
    )
    return group
  },
  async keepInstanceToken({ id, digest }, group) {
    await database.transaction((transaction) =>
      transaction.query('INSERT INTO instance_tokens (id, gateway_group_id, token_hash) VALUES ($1, $2, $3)', [
        id,
        group.id,
        digest,
      ]),
    )
  },
})

const deedOn = (action: string, { id, name }: GatewayGroup): Deed => ({
  action,
  resource_type: 'gateway_group',
  resource_id: id,
  resource_name: name,
  gateway_group_id: id,
})
