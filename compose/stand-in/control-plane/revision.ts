// The one counter of revisions: it only grows, its row is the writers' queue, and a failover or a restore makes it jump.
//
// PostgreSQL may lose its last commits when a standby takes over, and a restored dump lacks what came after it. Gateways
// have read what those published under revisions the counter then gives out a second time, for other data. So whoever
// first meets a new timeline, or the counter in a table made anew, begins a new epoch with the counter far beyond anything
// the lost ones can have reached, and forgets the history before: watches from there are told to read everything again, and
// no revision ever stands for two things. Where it begins, the clock says, since what is lost may have been epochs too.
import type { Database, Statements } from './database.ts'

/** The channel that wakes watchers. Only a wake-up: what changed is read from the events. */
export const CHANNEL = 'configuration'

/**
 * SQL for the revision at which an epoch begins that begins now: 20 for each ms since 1970. A later one begins beyond all that an
 * earlier one gave out, unless that took 20 revisions a ms. Revisions have to stay below 1e14 (gateways' JSON has 14 digits),
 * and do so until 2128.
 */
export const EPOCH_NOW = '(20 * floor(extract(epoch FROM statement_timestamp()) * 1000)::int8)'

/** SQL for the timeline this server writes. The control file would tell it only after the first checkpoint. */
export const SERVER_TIMELINE = `('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int`

/**
 * SQL that is true where the row `counter` was last moved on this timeline and in this very table: whoever restores a
 * dump makes the table anew, and its oid tells what the timeline does not.
 */
export const IS_CURRENT = `(counter.timeline = ${SERVER_TIMELINE} AND counter.table_oid = counter.tableoid)`

/** Where the counter stands, and the oldest revision whose events are kept. */
export interface Counter {
  readonly revision: number
  readonly oldest: number
}

/**
 * Takes the next revision. The counter's row stays locked until the transaction commits, so a revision becomes visible
 * only after every smaller one has: a reader at N has missed nothing below N.
 */
export const nextRevision = async (transaction: Statements): Promise<number> => {
  // A write may be the first to meet a new epoch, and then begins it with all that belongs to it.
  await lockCounter(transaction)
  const [counter] = await transaction.query<Pick<Counter, 'revision'>>(
    'UPDATE config_revision SET revision = revision + 1 RETURNING revision',
  )
  if (!counter) throw new NoCounterError()
  await transaction.query('SELECT pg_notify($1, $2)', [CHANNEL, String(counter.revision)])
  return counter.revision
}

/** Waits for its turn to write and tells where the counter stands; nobody moves it until the transaction ends. */
export const lockCounter = async (transaction: Statements): Promise<Counter> => {
  const [counter] = await transaction.query<Counter & { readonly isCurrent: boolean }>(
    `SELECT revision, oldest, ${IS_CURRENT} AS "isCurrent" FROM config_revision AS counter FOR UPDATE`,
  )
  if (!counter) throw new NoCounterError()
  return counter.isCurrent ? counter : ((await jump(transaction, 0)) ?? counter)
}

/**
 * Begins a new epoch where the timeline or the table changed, or where the counter is behind `known`: a revision
 * somebody has already been told. Of several programs that notice, the first does it and the others find it done.
 */
export const enterEpoch = (database: Database, known = 0): Promise<Counter | undefined> =>
  database.transaction((transaction) => jump(transaction, known))

const jump = async (transaction: Statements, known: number): Promise<Counter | undefined> => {
  const [counter] = await transaction.query<Counter>(
    `UPDATE config_revision AS counter
     SET revision = greatest(revision, $1, ${EPOCH_NOW}) + 1, oldest = greatest(revision, $1, ${EPOCH_NOW}) + 1,
       timeline = ${SERVER_TIMELINE}, table_oid = counter.tableoid
     WHERE NOT ${IS_CURRENT} OR revision < $1 RETURNING revision, oldest`,
    [known],
  )
  // Nobody could keep a lease alive while there was no database: like etcd's new leader, give each its full time again.
  if (counter) {
    await transaction.query(
      'UPDATE config_lease SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => ttl_s))',
    )
    await transaction.query('SELECT pg_notify($1, $2)', [CHANNEL, String(counter.revision)])
  }
  return counter
}

/** The schema is there and its counter is not. */
export class NoCounterError extends Error {
  constructor() {
    super('The configuration has no revision counter: the schema was not seeded. Start a Dashboard first.')
    this.name = 'NoCounterError'
  }
}
