// Reading the configuration: a range with its revision, and the events since a revision.
import type { Statements } from '../database.ts'
import type { Asked, Entry, KeyRange } from './etcd-messages.ts'

/** What a range found, and the revision it was true at. */
export interface Found {
  readonly revision: number
  readonly entries: readonly Entry[]
  /** How many keys there are in the range, whatever the limit was. */
  readonly count: number
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
  readonly count: number
  readonly key: string | null
  readonly value: string | null
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
}

// Counter and keys are read by ONE statement: PostgreSQL reads a statement in one snapshot, so the revision is
// exactly that of the data. Two statements would need REPEATABLE READ, and three more round trips.
const RANGE = `
SELECT counter.revision AS now, kv.key, kv.value, kv.create_revision AS "createRevision",
  kv.mod_revision AS "modRevision", kv.version, count(kv.key) OVER () AS count
FROM config_revision AS counter
LEFT JOIN config_kv AS kv ON kv.key >= $1 AND ($2::text IS NULL OR kv.key < $2)
ORDER BY kv.key LIMIT $3`

const EVENTS = `
SELECT counter.revision AS now, counter.oldest, event.key, event.value, event.create_revision AS "createRevision",
  event.revision AS "modRevision", event.version
FROM config_revision AS counter
LEFT JOIN config_event AS event ON event.revision >= $1 AND event.key >= $2 AND ($3::text IS NULL OR event.key < $3)
ORDER BY event.revision, event.key`

/** The keys of a range in ascending order. */
export const readRange = async (database: Statements, { range, limit, countOnly }: Asked): Promise<Found> => {
  // One row is needed even where only the count is wanted: the revision stands in it.
  const rows = await database.query<Row>(RANGE, [range.from, range.below, countOnly ? 1 : limit || null])
  const first = firstOf(rows)
  return { revision: first.now, entries: entriesOf(rows), count: first.count }
}

/** The events of a range from `fromRevision` on, by revision and key. */
export const readEvents = async (database: Statements, range: KeyRange, fromRevision: number): Promise<Happened> => {
  const rows = await database.query<Row>(EVENTS, [fromRevision, range.from, range.below])
  const first = firstOf(rows)
  return { revision: first.now, oldest: first.oldest, entries: entriesOf(rows) }
}

const firstOf = (rows: readonly Row[]): Row => {
  const [first] = rows
  if (first) return first
  throw new Error('The configuration has no revision counter: the schema was not seeded. Start a Dashboard first.')
}

const entriesOf = (rows: readonly Row[]): readonly Entry[] =>
  rows.flatMap(({ key, value, createRevision, modRevision, version }) =>
    key === null ? [] : [{ key, value, createRevision, modRevision, version }],
  )
