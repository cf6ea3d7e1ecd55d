// Leases: kept in PostgreSQL and ended by its clock, by whichever DP Manager notices first.
import { randomInt } from 'node:crypto'
import { record } from '../configuration.ts'
import type { Database, Statements } from '../database.ts'
import { lockCounter, nextRevision } from '../revision.ts'
import { refused } from './etcd-error.ts'

/** etcd's shortest: one and a half times its election timeout, in whole seconds. */
const SHORTEST_S = 2
const LONGEST_S = 9_000_000_000

/** A lease with what is left of it; -1 when there is no such lease. */
export interface TimeLeft {
  readonly ttlS: number
  readonly grantedS: number
  readonly keys: readonly Buffer[]
}

/** Grants a lease; an id of '0' lets the server choose. Returns what was granted. */
export const grantLease = async (
  database: Database,
  { id: wantedId, ttlS: wantedS }: { readonly id: string; readonly ttlS: number },
): Promise<{ readonly id: string; readonly ttlS: number }> => {
  if (wantedS > LONGEST_S) throw refused.leaseTtlTooLarge()
  const id = wantedId === '0' ? String(randomInt(1, 2 ** 47)) : wantedId
  const ttlS = Math.max(SHORTEST_S, wantedS)
  const made = await database.transaction((transaction) =>
    transaction.query(
      `INSERT INTO config_lease (id, ttl_s, expires_at)
       VALUES ($1, $2, clock_timestamp() + make_interval(secs => $2::int8)) ON CONFLICT DO NOTHING RETURNING id`,
      [id, ttlS],
    ),
  )
  if (made.length === 0) throw refused.leaseExists()
  return { id, ttlS }
}

/** Gives a lease its full time again. Returns that time, or 0 where there is no such lease any more. */
export const keepAlive = async (database: Database, id: string): Promise<number> => {
  const [lease] = await database.transaction((transaction) =>
    transaction.query<{ ttlS: number }>(
      `UPDATE config_lease SET expires_at = clock_timestamp() + make_interval(secs => ttl_s)
       WHERE id = $1 AND expires_at > clock_timestamp() RETURNING ttl_s AS "ttlS"`,
      [id],
    ),
  )
  return lease?.ttlS ?? 0
}

/** What is left of a lease, with its keys where they are asked for. */
export const timeLeft = async (database: Database, id: string, withKeys: boolean): Promise<TimeLeft> => {
  const [lease] = await database.query<{ ttlS: number; grantedS: number }>(
    `SELECT floor(extract(epoch FROM expires_at - clock_timestamp()))::int8 AS "ttlS", ttl_s AS "grantedS"
     FROM config_lease WHERE id = $1 AND expires_at > clock_timestamp()`,
    [id],
  )
  if (!lease) return { ttlS: -1, grantedS: 0, keys: [] }
  return { ...lease, keys: withKeys ? await keysOf(database, id) : [] }
}

/** The ids of all leases. */
export const listLeases = async (database: Database): Promise<readonly string[]> =>
  (await database.query<{ id: string }>('SELECT id::text FROM config_lease ORDER BY id')).map(({ id }) => id)

/** Ends a lease and deletes its keys in one revision. Throws EtcdError where there is no such lease. */
export const revokeLease = (database: Database, id: string): Promise<void> =>
  database.transaction(async (transaction) => {
    await lockCounter(transaction)
    const gone = await transaction.query('DELETE FROM config_lease WHERE id = $1 RETURNING id', [id])
    if (gone.length === 0) throw refused.leaseNotFound()
    await deleteKeysOf(transaction, id)
  })

/** Ends what has run out. Every DP Manager does it all the time; each lease is ended by one of them, once. */
export const expireLeases = async (database: Database): Promise<void> => {
  const due = await database.query('SELECT 1 FROM config_lease WHERE expires_at <= clock_timestamp() LIMIT 1')
  if (due.length === 0) return
  await database.transaction(async (transaction) => {
    // The counter is the writers' queue: whoever has waited for it finds the leases of before it gone.
    await lockCounter(transaction)
    const ended = await transaction.query<{ id: string }>(
      'DELETE FROM config_lease WHERE expires_at <= clock_timestamp() RETURNING id::text',
    )
    for (const { id } of ended) await deleteKeysOf(transaction, id)
  })
}

const deleteKeysOf = async (transaction: Statements, id: string): Promise<void> => {
  const keys = await keysOf(transaction, id)
  if (keys.length === 0) return
  const revision = await nextRevision(transaction)
  for (const [sub, key] of keys.entries()) await record(transaction, { kind: 'delete', key }, revision, sub)
}

const keysOf = async (database: Statements, id: string): Promise<readonly Buffer[]> => {
  const rows = await database.query<{ key: Buffer }>(
    'SELECT key FROM config_kv WHERE lease = $1 AND lease <> 0 ORDER BY key',
    [id],
  )
  return rows.map(({ key }) => key)
}
