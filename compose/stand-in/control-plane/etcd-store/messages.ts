// etcd's JSON messages as this store uses them: keys and values in base64, int64 as text.
import type { Reply } from './attempt.ts'

/** A key with its value, decoded. */
export interface Entry {
  readonly key: string
  readonly value: string
  /** The revisions that made and last changed it. */
  readonly createRevision: number
  readonly modRevision: number
  /** '0' when no lease ends it. */
  readonly lease: string
}

/** What a range found: entries in the order of their keys unless it asked for another, and how many there are in all. */
export interface Found {
  readonly entries: readonly Entry[]
  readonly count: number
}

/** A condition of a transaction, in etcd's words. */
export type Compare = object

/** What a transaction does. */
export type Operation =
  | { readonly request_put: { readonly key: string; readonly value: string; readonly lease?: string } }
  | { readonly request_delete_range: { readonly key: string; readonly range_end?: string } }
  | { readonly request_range: Range }

export interface Range {
  readonly key: string
  readonly range_end?: string
  readonly limit?: number
  readonly sort_order?: 'DESCEND'
  readonly sort_target?: 'CREATE'
  readonly keys_only?: boolean
  readonly count_only?: boolean
}

/** One key. */
export const keyRange = (key: string): Range => ({ key: encoded(key) })

/** Every key that begins so. */
export const prefixRange = (prefix: string): { readonly key: string; readonly range_end: string } => ({
  key: encoded(prefix),
  range_end: encoded(endOf(prefix)),
})

export const put = (key: string, value: string, lease?: string): Operation => ({
  request_put: { key: encoded(key), value: encoded(value), ...(lease ? { lease } : {}) },
})

export const remove = (key: string): Operation => ({ request_delete_range: { key: encoded(key) } })

export const removeAll = (prefix: string): Operation => ({ request_delete_range: prefixRange(prefix) })

/** The key is as it was at this revision: 0 when it was not there. */
export const unchanged = (key: string, modRevision: number): Compare => ({
  key: encoded(key),
  target: 'MOD',
  result: 'EQUAL',
  mod_revision: String(modRevision),
})

/** No key that begins so was made or changed after this revision. Says nothing of keys that were removed. */
export const nothingNewUnder = (prefix: string, revision: number): Compare => ({
  ...prefixRange(prefix),
  target: 'MOD',
  result: 'LESS',
  mod_revision: String(revision + 1),
})

/** What a range answered. */
export const foundIn = (reply: Reply): Found => ({
  entries: listOf(reply.kvs).map(entryOf),
  count: Number(reply.count ?? 0),
})

/** What each range of a transaction answered, in order. */
export const responsesOf = (reply: Reply): readonly Found[] =>
  listOf(reply.responses).map((response) => foundIn(objectOf(response.response_range)))

/** The revision of the store when it answered. */
export const revisionOf = (reply: Reply): number => Number(objectOf(reply.header).revision ?? 0)

const entryOf = (kv: Reply): Entry => ({
  key: decoded(kv.key),
  value: decoded(kv.value),
  createRevision: Number(kv.create_revision),
  modRevision: Number(kv.mod_revision),
  lease: String(kv.lease ?? '0'),
})

const encoded = (text: string): string => Buffer.from(text).toString('base64')
const decoded = (text: unknown): string => Buffer.from(String(text ?? ''), 'base64').toString()

/** The first key after all that begin so. Prefixes here end in '/', so the last byte can always grow. */
const endOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

const objectOf = (value: unknown): Reply => (typeof value === 'object' && value !== null ? (value as Reply) : {})
const listOf = (value: unknown): readonly Reply[] => (Array.isArray(value) ? value.map(objectOf) : [])
