// The configuration gateways read: an etcd-like keyspace whose revisions are committed in their own order.
import type { Statements } from './database.ts'

/** What happens to one key. */
export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: object }
  | { readonly kind: 'delete'; readonly key: string }

/** The channel that wakes watchers. Only a wake-up: what changed is read from the events. */
export const CHANNEL = 'configuration'

/** How many revisions of history are kept for watches that come back late. */
const KEPT_REVISIONS = 10_000

const DIRECTORIES = [
  'consumer_groups',
  'consumers',
  'global_rules',
  'plugin_configs',
  'plugin_metadata',
  'plugins',
  'protos',
  'routes',
  'secrets',
  'services',
  'ssls',
  'stream_routes',
  'upstreams',
]

/** The 13 directory markers a gateway expects under a prefix; without one it does not preload that directory. */
export const markersUnder = (prefix: string): readonly string[] => DIRECTORIES.map((name) => `${prefix}/${name}/`)

/**
 * Writes all changes under one new revision and returns it. The counter's row stays locked until the transaction
 * commits, so a revision becomes visible only after every smaller one has: a reader at N has missed nothing below N.
 */
export const publish = async (transaction: Statements, changes: readonly Change[]): Promise<number> => {
  const [counter] = await transaction.query<{ revision: number }>(
    'UPDATE config_revision SET revision = revision + 1 RETURNING revision',
  )
  if (!counter) throw new Error('The configuration has no revision counter: the schema was not seeded. Migrate again.')
  for (const change of changes) await record(transaction, change, counter.revision)
  await transaction.query('SELECT pg_notify($1, $2)', [CHANNEL, String(counter.revision)])
  return counter.revision
}

const record = async (transaction: Statements, change: Change, revision: number): Promise<void> => {
  if (change.kind === 'put') await transaction.query(PUT, [change.key, JSON.stringify(change.value), revision])
  else await transaction.query(DELETE, [change.key, revision])
}

const PUT = `
WITH written AS (
  INSERT INTO config_kv (key, value, create_revision, mod_revision, version) VALUES ($1, $2, $3, $3, 1)
  ON CONFLICT (key) DO UPDATE SET value = $2, mod_revision = $3, version = config_kv.version + 1
  RETURNING key, value, create_revision, version
)
INSERT INTO config_event (revision, key, value, create_revision, version)
SELECT $3, key, value, create_revision, version FROM written`

const DELETE = `
WITH gone AS (DELETE FROM config_kv WHERE key = $1 RETURNING key)
INSERT INTO config_event (revision, key, value, create_revision, version) SELECT $2, key, NULL, 0, 0 FROM gone`

/** Puts the markers of a new prefix, so that gateways of a new group preload their directories. */
export const publishMarkers = async (transaction: Statements, prefix: string): Promise<void> => {
  const revision = await publish(transaction, [])
  await transaction.query(
    `INSERT INTO config_kv (key, value, create_revision, mod_revision, version)
     SELECT marker, 'init_dir', $2, $2, 1 FROM unnest($1::text[]) AS marker`,
    [markersUnder(prefix), revision],
  )
}

/** Forgets events beyond the kept history; a watch that asks for them is told where to begin instead. */
export const compact = async (database: Statements, keptRevisions = KEPT_REVISIONS): Promise<void> => {
  await database.query(
    `WITH moved AS (
       UPDATE config_revision SET oldest = revision - $1 WHERE oldest < revision - $1 RETURNING oldest
     )
     DELETE FROM config_event USING moved WHERE config_event.revision < moved.oldest`,
    [keptRevisions],
  )
}
