// Publishing to the configuration gateways read: an etcd-like keyspace whose revisions are committed in their order.
import { putMarkers } from './configuration-tables.ts'
import type { Statements } from './database.ts'
import { nextRevision } from './revision.ts'

export { markersUnder } from './configuration-markers.ts'

/** What happens to one key. */
export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: object }
  | { readonly kind: 'delete'; readonly key: string }

/** What happens to one key, in bytes; `lease` is the lease that ends it, '0' for none. */
export type ByteChange =
  | { readonly kind: 'put'; readonly key: Buffer; readonly value: Buffer; readonly lease: string }
  | { readonly kind: 'delete'; readonly key: Buffer }

/** How many revisions of history are kept where nothing else is said. */
const KEPT_REVISIONS = 10_000

/** Writes all changes under one new revision and returns it. A key may be changed once in it. */
export const publish = async (transaction: Statements, changes: readonly Change[]): Promise<number> => {
  const revision = await nextRevision(transaction)
  for (const [index, change] of changes.entries()) await record(transaction, inBytes(change), revision, index)
  return revision
}

/** Writes one change and its event: the `sub`th, from 0, of a revision that this transaction has taken. */
export const record = async (
  transaction: Statements,
  change: ByteChange,
  revision: number,
  sub: number,
): Promise<void> => {
  if (change.kind === 'put') {
    await transaction.query(PUT, [change.key, change.value, revision, sub, change.lease])
  } else await transaction.query(DELETE, [change.key, revision, sub])
}

const inBytes = (change: Change): ByteChange => {
  const key = Buffer.from(change.key)
  if (change.kind === 'delete') return { kind: 'delete', key }
  return { kind: 'put', key, value: Buffer.from(JSON.stringify(change.value)), lease: '0' }
}

const PUT = `
WITH written AS (
  INSERT INTO config_kv (key, value, create_revision, mod_revision, version, lease) VALUES ($1, $2, $3, $3, 1, $5)
  ON CONFLICT (key) DO UPDATE SET value = $2, mod_revision = $3, version = config_kv.version + 1, lease = $5
  RETURNING key, value, create_revision, version, lease
)
INSERT INTO config_event (revision, sub, key, value, create_revision, version, lease)
SELECT $3, $4, key, value, create_revision, version, lease FROM written`

const DELETE = `
WITH gone AS (DELETE FROM config_kv WHERE key = $1 RETURNING key)
INSERT INTO config_event (revision, sub, key, value, create_revision, version) SELECT $2, $3, key, NULL, 0, 0 FROM gone`

/** Puts the markers of a new prefix, so that gateways of a new group preload their directories. */
export const publishMarkers = async (transaction: Statements, prefix: string): Promise<void> => {
  await nextRevision(transaction)
  await putMarkers(transaction, prefix)
}

/** Forgets history beyond the kept revisions; a watch that asks for it is told where to begin instead. */
export const compact = (database: Statements, keptRevisions = KEPT_REVISIONS): Promise<void> =>
  forget(database, 'revision - $1', keptRevisions)

/** Forgets history before `oldest`. The caller has made sure that the counter has come that far. */
export const compactBefore = (database: Statements, oldest: number): Promise<void> =>
  forget(database, '$1::int8', oldest)

// What each key was at `oldest` stays, and what it was just before: a watch from there may ask for the previous value.
const forget = async (database: Statements, oldest: string, value: number): Promise<void> => {
  await database.query(
    `WITH moved AS (UPDATE config_revision SET oldest = ${oldest} WHERE oldest < ${oldest} RETURNING oldest)
     DELETE FROM config_event AS event USING moved
     WHERE event.revision < moved.oldest AND (event.value IS NULL OR EXISTS (
       SELECT 1 FROM config_event AS later
       WHERE later.key = event.key AND later.revision > event.revision AND later.revision < moved.oldest))`,
    [value],
  )
}
