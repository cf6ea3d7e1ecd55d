// The frames of a watch stream: each one a line, complete in itself.
import { header, kv } from './etcd-answers.ts'
import type { Entry } from './keyspace.ts'

/** '0' is left out, as etcd leaves out what is zero. */
const idOf = (id: string): object => (id === '0' ? {} : { watch_id: id })

/** A watch's first frame. It carries no events: gateways skip those of the frame that says created. */
export const createdFrame = (id: string, revision: number): object => ({
  result: { header: header(revision), ...idOf(id), created: true },
})

/** All that one revision changed. Its header is that revision, so whoever reconnects after it misses nothing. */
export const eventsFrame = (
  id: string,
  revision: number,
  { entries, prevKv }: { readonly entries: readonly Entry[]; readonly prevKv: boolean },
): object => ({
  result: { header: header(revision), ...idOf(id), events: entries.map((entry) => event(entry, prevKv)) },
})

/** The history asked for is not kept, or not there yet: read everything again, then watch from `compactRevision`. */
export const compactedFrame = (id: string, revision: number, compactRevision: number): object => ({
  result: { header: header(revision), ...idOf(id), canceled: true, compact_revision: String(compactRevision) },
})

/** The client ended a watch. */
export const canceledFrame = (id: string, revision: number): object => ({
  result: { header: header(revision), ...idOf(id), canceled: true },
})

/** A watch that was not made, and why. */
export const refusedFrame = (revision: number, because: string): object => ({
  result: { header: header(revision), watch_id: '-1', created: true, canceled: true, cancel_reason: because },
})

/** Everything up to `revision` was told. Only for those who asked: gateways take a frame without events for an error. */
export const progressFrame = (id: string, revision: number): object => ({
  result: { header: header(revision), ...idOf(id) },
})

const event = (entry: Entry, prevKv: boolean): object => ({
  ...(entry.value === null
    ? { type: 'DELETE', kv: { key: entry.key.toString('base64'), mod_revision: String(entry.modRevision) } }
    : { kv: kv(entry) }),
  ...(prevKv && entry.previous ? { prev_kv: kv(entry.previous) } : {}),
})
