// Answers shaped as etcd's JSON gateway shapes them: bytes in base64, int64 as text, what is zero left out.
import type { Entry } from './keyspace.ts'

// They say which etcd answered; all nodes of a deployment are one cluster, and PostgreSQL is its only member.
const CLUSTER = { cluster_id: '7900', member_id: '7943', raft_term: '1' }

/** What one operation did, with the revision its answer names. */
export type Result =
  | {
      readonly kind: 'range'
      readonly revision: number
      readonly entries: readonly Entry[]
      readonly count: number
      readonly more: boolean
      readonly keysOnly: boolean
    }
  | { readonly kind: 'put'; readonly revision: number; readonly previous: Entry | undefined }
  | {
      readonly kind: 'delete'
      readonly revision: number
      readonly deleted: number
      readonly previous: readonly Entry[]
    }
  | {
      readonly kind: 'txn'
      readonly revision: number
      readonly succeeded: boolean
      readonly results: readonly Result[]
    }

export const header = (revision: number): object => ({ ...CLUSTER, revision: String(revision) })

/** The answer to a call. A range without keys has no `kvs` member, which gateways read as an empty directory. */
export const answerOf = (result: Result): object => ({ header: header(result.revision), ...bodyOf(result) })

const bodyOf = (result: Result): object => {
  switch (result.kind) {
    case 'range':
      return {
        ...listed('kvs', result.entries, result.keysOnly),
        ...(result.more ? { more: true } : {}),
        ...(result.count > 0 ? { count: String(result.count) } : {}),
      }
    case 'put':
      return result.previous ? { prev_kv: kv(result.previous) } : {}
    case 'delete':
      return {
        ...(result.deleted > 0 ? { deleted: String(result.deleted) } : {}),
        ...listed('prev_kvs', result.previous),
      }
    case 'txn':
      return {
        ...(result.succeeded ? { succeeded: true } : {}),
        ...(result.results.length > 0 ? { responses: result.results.map(nested) } : {}),
      }
  }
}

const MEMBER = { range: 'response_range', put: 'response_put', delete: 'response_delete_range', txn: 'response_txn' }

/** Inside a transaction's answer headers say the revision only, and that of a nested transaction says nothing. */
const nested = (result: Result): object => ({
  [MEMBER[result.kind]]: {
    header: result.kind === 'txn' ? {} : { revision: String(result.revision) },
    ...bodyOf(result),
  },
})

const listed = (member: string, entries: readonly Entry[], keysOnly = false): object =>
  entries.length === 0 ? {} : { [member]: entries.map((entry) => kv(entry, keysOnly)) }

/** One key as etcd writes it. */
export const kv = (entry: Entry, keysOnly = false): object => ({
  key: entry.key.toString('base64'),
  create_revision: String(entry.createRevision),
  mod_revision: String(entry.modRevision),
  version: String(entry.version),
  ...(keysOnly || !entry.value || entry.value.length === 0 ? {} : { value: entry.value.toString('base64') }),
  ...(entry.lease === '0' ? {} : { lease: entry.lease }),
})
