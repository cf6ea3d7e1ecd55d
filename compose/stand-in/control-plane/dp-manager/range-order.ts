// A range's keys in the order and within the bounds that were asked for, as etcd arranges them.
import type { RangeRequest } from './etcd-requests.ts'
import type { Entry, Found } from './keyspace.ts'

/** True when keys in ascending order, cut at the limit, are already what is wanted. */
export const isArranged = ({ order, sortBy, modRevision, createRevision }: RangeRequest): boolean =>
  order !== 'DESCEND' &&
  sortBy === 'KEY' &&
  [modRevision.min, modRevision.max, createRevision.min, createRevision.max].every((bound) => bound === 0)

/** Sorts, bounds and cuts. The count stays that of the whole range: etcd counts before it looks at the bounds. */
export const arranged = (request: RangeRequest, found: Omit<Found, 'more'>): Found => {
  const { limit, countOnly, modRevision, createRevision } = request
  if (countOnly) return { ...found, entries: [], more: false }
  const bounded = found.entries.filter(
    (entry) => isWithin(entry.modRevision, modRevision) && isWithin(entry.createRevision, createRevision),
  )
  const sorted = isArranged(request) ? bounded : bounded.toSorted(comparison(request))
  const entries = limit > 0 ? sorted.slice(0, limit) : sorted
  const total = isArranged(request) ? found.count : sorted.length
  return { ...found, entries, more: entries.length < total }
}

const isWithin = (revision: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  (min === 0 || revision >= min) && (max === 0 || revision <= max)

const comparison = ({ order, sortBy }: RangeRequest): ((one: Entry, other: Entry) => number) => {
  const compare = COMPARISONS[sortBy]
  return order === 'DESCEND' ? (one, other) => compare(other, one) : compare
}

const COMPARISONS: Readonly<Record<RangeRequest['sortBy'], (one: Entry, other: Entry) => number>> = {
  KEY: (one, other) => one.key.compare(other.key),
  VERSION: (one, other) => one.version - other.version,
  CREATE: (one, other) => one.createRevision - other.createRevision,
  MOD: (one, other) => one.modRevision - other.modRevision,
  VALUE: (one, other) => bytesOf(one).compare(bytesOf(other)),
}

const NOTHING = Buffer.alloc(0)
const bytesOf = ({ value }: Entry): Buffer => value ?? NOTHING
