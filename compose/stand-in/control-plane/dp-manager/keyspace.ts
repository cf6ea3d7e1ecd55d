// Reading the configuration: a range with its revision, now or in the past, and the events since a revision.
import type { Database, Statements } from '../database.ts'
import { enterEpoch, IS_CURRENT, NoCounterError } from '../revision.ts'
import { refused } from './etcd-error.ts'
import type { KeyRange, RangeRequest } from './etcd-requests.ts'
import { arranged, isArranged } from './range-order.ts'

/** One key as a revision left it. `value` is null where that revision deleted it. */
export interface Entry {
  readonly key: Buffer
  readonly value: Buffer | null
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  /** The lease that ends it, '0' for none. */
  readonly lease: string
  /** In an event: the key as it was before, where it was there and that is still known. */
  readonly previous?: Entry | undefined
}

/** What a range found, and the revision the database was at. */
export interface Found {
  readonly revision: number
  readonly entries: readonly Entry[]
  /** How many keys there are in the range, whatever the limit and the bounds were. */
  readonly count: number
  /** True when the limit left some out. */
  readonly more: boolean
}

/** What happened since a revision, and where the history stands now. */
export interface Happened {
  readonly revision: number
  /** The oldest revision whose events are kept. */
  readonly oldest: number
  readonly entries: readonly Entry[]
}

/** A row of the join: the counter's columns always, the key's only where there is one. */
interface Row {
  readonly now: number
  readonly oldest: number
  readonly isCurrent: boolean
  readonly count: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  readonly lease: string
  readonly previous: string | null
  readonly previousValue: Buffer | null
}

// Counter and keys are read by ONE statement: PostgreSQL reads a statement in one snapshot, so the revision is
// exactly that of the data. Two statements would need REPEATABLE READ, and three more round trips.
const COUNTER = `counter.revision AS now, counter.oldest, ${IS_CURRENT} AS "isCurrent"`

const RANGE = `
SELECT ${COUNTER}, kv.key, kv.value, kv.create_revision AS "createRevision", kv.mod_revision AS "modRevision",
  kv.version, kv.lease::text, count(kv.key) OVER () AS count
FROM config_revision AS counter
LEFT JOIN config_kv AS kv ON kv.key >= $1 AND ($2::bytea IS NULL OR kv.key < $2)
ORDER BY kv.key LIMIT $3`

const PAST = `
SELECT ${COUNTER}, kv.key, kv.value, kv.create_revision AS "createRevision", kv.revision AS "modRevision",
  kv.version, kv.lease::text
FROM config_revision AS counter
LEFT JOIN LATERAL (
  SELECT DISTINCT ON (key) * FROM config_event
  WHERE key >= $1 AND ($2::bytea IS NULL OR key < $2) AND revision <= $3 ORDER BY key, revision DESC
) AS kv ON kv.value IS NOT NULL
ORDER BY kv.key`

const EVENTS = `
SELECT ${COUNTER}, event.key, event.value, event.create_revision AS "createRevision", event.revision AS "modRevision",
  event.version, event.lease::text, before.value AS "previousValue",
  concat_ws(' ', before.create_revision, before.revision, before.version, before.lease) AS previous
FROM config_revision AS counter
LEFT JOIN config_event AS event ON event.revision >= greatest($1, counter.oldest)
  AND event.key >= $2 AND ($3::bytea IS NULL OR event.key < $3)
LEFT JOIN LATERAL (
  SELECT * FROM config_event AS earlier WHERE earlier.key = event.key AND earlier.revision < event.revision
  ORDER BY earlier.revision DESC LIMIT 1
) AS before ON before.value IS NOT NULL
ORDER BY event.revision, event.sub`

/** The keys of a range as it was asked for. Throws EtcdError where the asked revision is not kept or not there yet. */
export const readRange = async (database: Statements | Database, request: RangeRequest): Promise<Found> => {
  const { range, limit, countOnly } = request
  if (request.revision > 0) return arranged(request, await readPast(database, request))
  // One row is needed even where only the count is wanted: the revision stands in it.
  const few = countOnly ? 1 : limit
  const rows = await ask(database, RANGE, [range.from, range.below, isArranged(request) ? few || null : null])
  return arranged(request, { revision: first(rows).now, entries: rows.flatMap(entriesOf), count: first(rows).count })
}

const readPast = async (database: Statements | Database, { range, revision }: RangeRequest) => {
  const rows = await ask(database, PAST, [range.from, range.below, revision])
  const { now, oldest } = first(rows)
  if (revision > now) throw refused.futureRevision()
  if (revision < oldest && revision < now) throw refused.compacted()
  const entries = rows.flatMap(entriesOf)
  return { revision: now, entries, count: entries.length }
}

/** The events of a range from `fromRevision` on, by revision and then in the order they were made. */
export const readEvents = async (database: Database, range: KeyRange, fromRevision: number): Promise<Happened> => {
  const rows = await ask(database, EVENTS, [fromRevision, range.from, range.below])
  return { revision: first(rows).now, oldest: first(rows).oldest, entries: rows.flatMap(entriesOf) }
}

/** The revision the configuration is at. */
export const readRevision = async (database: Database): Promise<number> =>
  first(await ask(database, `SELECT ${COUNTER}, NULL::bytea AS key FROM config_revision AS counter`, [])).now

/**
 * Asks; where a standby became the primary, or a dump was restored, since the counter was last moved, begins the new
 * epoch and asks again. A transaction has the counter locked, and moved already.
 */
const ask = async (database: Statements | Database, sql: string, values: readonly unknown[]) => {
  const rows = await database.query<Row>(sql, values)
  if (first(rows).isCurrent || !('transaction' in database)) return rows
  await enterEpoch(database)
  return await database.query<Row>(sql, values)
}

const first = (rows: readonly Row[]): Row => {
  const [row] = rows
  if (row) return row
  throw new NoCounterError()
}

const entriesOf = ({ key, value, createRevision, modRevision, version, lease, ...row }: Row): readonly Entry[] => {
  if (key === null) return []
  const entry = { key, value, createRevision, modRevision, version, lease }
  return row.previousValue ? [{ ...entry, previous: previousOf(key, row.previousValue, row.previous ?? '') }] : [entry]
}

const previousOf = (key: Buffer, value: Buffer, columns: string): Entry => {
  const [createRevision = '0', modRevision = '0', version = '0', lease = '0'] = columns.split(' ')
  return {
    key,
    value,
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    version: Number(version),
    lease,
  }
}
