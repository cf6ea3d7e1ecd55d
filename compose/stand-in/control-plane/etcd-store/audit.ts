// The audit log in etcd, written in the same transaction as the change itself.
import { randomUUID } from 'node:crypto'
import type { AuditEntry, AuditLog, Deed, Operator } from '../store.ts'
import { contentOf, type Draft } from './changes.ts'
import { type Etcd, nowSeconds } from './etcd.ts'
import { type Entry, prefixRange } from './messages.ts'

/** The vendor's audit.retention_days. */
export const AUDIT_SECONDS = 60 * 86_400
/** No change notes more deeds at once: they share a revision, and are numbered within it. */
const MOST_DEEDS = 64

type Kept = Omit<AuditEntry, 'id'>

/** Notes deeds. Part of the change that did them: there is never the one without the other. */
export const note = async (
  { keys, auditLease }: Etcd,
  draft: Draft,
  operator: Operator,
  deeds: readonly Deed[],
): Promise<void> => {
  const change = randomUUID()
  const lease = await auditLease.id()
  const { username, ...place } = operator
  for (const [index, deed] of deeds.entries()) {
    const entry: Kept = { created_at: nowSeconds(), operator: username, ...deed, ...place }
    draft.put(`${keys.audit}${change}-${String(index).padStart(2, '0')}`, entry, lease)
  }
}

export const auditIn = ({ client, keys }: Etcd): AuditLog => ({
  async list({ limit, offset }) {
    const newest = { sort_target: 'CREATE', sort_order: 'DESCEND' } as const
    // etcd sorts those of one revision as it likes, so as many more are read as could stand in the wrong place.
    const wanted = offset + limit + MOST_DEEDS
    const { entries, count } = await client.range({ ...prefixRange(keys.audit), ...newest, limit: wanted })
    const list = entries.map(entryOf).sort((one, other) => other.id - one.id)
    return { list: list.slice(offset, offset + limit), total: count }
  },
})

const entryOf = (entry: Entry): AuditEntry => ({
  id: entry.createRevision * MOST_DEEDS + Number(entry.key.slice(-2)),
  ...contentOf<Kept>(entry),
})
