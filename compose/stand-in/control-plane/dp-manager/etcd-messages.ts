// The etcd v3 JSON protocol as far as gateways speak it: base64 keys, int64 as text, zero fields left out.

/** A key range: from `from` inclusive to `below` exclusive; null is no upper end. */
export interface KeyRange {
  readonly from: string
  readonly below: string | null
}

/** One key as a revision left it. `value` is null where that revision deleted it. */
export interface Entry {
  readonly key: string
  readonly value: string | null
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
}

/** What a range or a watch asks for. `startRevision` is 0 when it does not say. */
export interface Asked {
  readonly range: KeyRange
  readonly limit: number
  readonly keysOnly: boolean
  readonly countOnly: boolean
  readonly startRevision: number
}

// They say which etcd answered; all nodes of a deployment are one cluster, and PostgreSQL is its only member.
const CLUSTER = { cluster_id: '7900', member_id: '7943', raft_term: '1' }

/** Reads a range request, or a watch's create_request. Numbers may be numbers or text, names snake_case or camelCase. */
export const asked = (request: unknown): Asked => {
  const members = membersOf(request)
  const key = decoded(members.key)
  const end = decoded(members.range_end ?? members.rangeEnd)
  return {
    range: rangeOf(key, end),
    limit: number(members.limit),
    keysOnly: members.keys_only === true || members.keysOnly === true,
    countOnly: members.count_only === true || members.countOnly === true,
    startRevision: number(members.start_revision ?? members.startRevision),
  }
}

/** The create_request of a watch; undefined when the body is something else. */
export const createRequestOf = (body: unknown): unknown => {
  const members = membersOf(body)
  return members.create_request ?? members.createRequest
}

/** A put's key and value, decoded. */
export const putOf = (body: unknown): { readonly key: string; readonly value: string } => {
  const members = membersOf(body)
  return { key: decoded(members.key), value: decoded(members.value) }
}

export const header = (revision: number): object => ({ ...CLUSTER, revision: String(revision) })

/** The answer to a range. A range without keys has no `kvs` member, which gateways read as an empty directory. */
export const rangeAnswer = (
  { keysOnly, countOnly }: Asked,
  found: { readonly revision: number; readonly entries: readonly Entry[]; readonly count: number },
): object => ({
  header: header(found.revision),
  ...(countOnly || found.entries.length === 0 ? {} : { kvs: found.entries.map((entry) => kv(entry, keysOnly)) }),
  ...(!countOnly && found.count > found.entries.length ? { more: true } : {}),
  ...(found.count > 0 ? { count: String(found.count) } : {}),
})

/** A watch's first frame. It carries no events: gateways skip those of the frame that says created. */
export const createdFrame = (revision: number): object => ({ result: { header: header(revision), created: true } })

/** All that one revision changed. Its header is that revision, so whoever reconnects after it misses nothing. */
export const eventsFrame = (revision: number, entries: readonly Entry[]): object => ({
  result: { header: header(revision), events: entries.map(event) },
})

/** The history asked for is not kept, or not there yet: read everything again, then watch from `compactRevision`. */
export const compactedFrame = (revision: number, compactRevision: number): object => ({
  result: { header: header(revision), canceled: true, compact_revision: String(compactRevision) },
})

/** An etcd error as its JSON gateway words it; `code` is gRPC's. */
export const errorAnswer = (code: number, message: string): object => ({ error: message, message, code })

const event = (entry: Entry): object =>
  entry.value === null
    ? { type: 'DELETE', kv: { key: encoded(entry.key), mod_revision: String(entry.modRevision) } }
    : { kv: kv(entry, false) }

const kv = (entry: Entry, keysOnly: boolean): object => ({
  key: encoded(entry.key),
  create_revision: String(entry.createRevision),
  mod_revision: String(entry.modRevision),
  version: String(entry.version),
  ...(keysOnly || !entry.value ? {} : { value: encoded(entry.value) }),
})

// etcd's bytes are PostgreSQL's text here, which holds no NUL. Between a key and the same key with \u0001 there is
// only that key; '\0' as an end means everything from the key on, as a key it means from the first.
const rangeOf = (key: string, end: string): KeyRange => {
  const from = key === '\0' ? '' : key
  if (end === '\0') return { from, below: null }
  return { from, below: end === '' ? `${from}\u0001` : end }
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const decoded = (value: unknown): string =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

const number = (value: unknown): number => {
  const read = Number(value ?? 0)
  return Number.isSafeInteger(read) && read > 0 ? read : 0
}
