// The audit log in PostgreSQL, written in the same transaction as the change itself.
import type { Database, Statements } from '../database.ts'
import type { AuditEntry, AuditLog, Deed, Operator } from '../store.ts'

/** Notes a deed. Part of the transaction that did it: there is never the one without the other. */
export const note = async (transaction: Statements, operator: Operator, deed: Deed): Promise<void> => {
  await transaction.query(
    `INSERT INTO audit_logs (operator, action, resource_type, resource_id, resource_name, gateway_group_id, node, ip)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      operator.username,
      deed.action,
      deed.resource_type,
      deed.resource_id,
      deed.resource_name,
      deed.gateway_group_id,
      operator.node,
      operator.ip,
    ],
  )
}

export const auditIn = (database: Database): AuditLog => ({
  async list({ limit, offset }) {
    const [count] = await database.query<{ total: number }>('SELECT count(*) AS total FROM audit_logs')
    const list = await database.query<AuditEntry>(
      `SELECT id, floor(extract(epoch FROM at))::int8 AS created_at, operator, action, resource_type, resource_id,
         resource_name, gateway_group_id, node, ip
       FROM audit_logs ORDER BY id DESC LIMIT $1 OFFSET $2`,
      [limit, offset],
    )
    return { list, total: count?.total ?? 0 }
  },
})
