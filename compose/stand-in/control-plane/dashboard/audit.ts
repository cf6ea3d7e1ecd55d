// The audit log: who changed what, written in the same transaction as the change itself.
import type { Statements } from '../database.ts'
import type { Page } from './paging.ts'

/** Whoever makes a change, and through which node. */
export interface Operator {
  readonly username: string
  readonly ip: string
  readonly node: string
}

export interface AuditEntry {
  readonly id: number
  /** Epoch seconds. */
  readonly created_at: number
  readonly operator: string
  /** 'create', 'update', 'delete'. */
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly resource_name: string
  readonly gateway_group_id: string | null
  readonly node: string
  readonly ip: string
}

/** What was done to which resource. */
export type Deed = Pick<AuditEntry, 'action' | 'resource_type' | 'resource_id' | 'resource_name' | 'gateway_group_id'>

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

/** The newest entries first, and how many there are. */
export const readAudit = async (
  database: Statements,
  { limit, offset }: Page,
): Promise<{ readonly list: readonly AuditEntry[]; readonly total: number }> => {
  const [count] = await database.query<{ total: number }>('SELECT count(*) AS total FROM audit_logs')
  const list = await database.query<AuditEntry>(
    `SELECT id, floor(extract(epoch FROM at))::int8 AS created_at, operator, action, resource_type, resource_id,
       resource_name, gateway_group_id, node, ip
     FROM audit_logs ORDER BY id DESC LIMIT $1 OFFSET $2`,
    [limit, offset],
  )
  return { list, total: count?.total ?? 0 }
}
