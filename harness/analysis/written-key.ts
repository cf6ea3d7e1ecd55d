// The writes of one key in the order that is known of them: which were over before another was sent.
import type { Sight, Write } from './acknowledged.ts'

/** What was there before anybody wrote: nothing, and older than every write. */
export const BEFORE: Write = {
  id: '',
  key: '',
  value: null,
  sentAt: -Infinity,
  endedAt: -Infinity,
  outcome: 'accepted',
}

export interface WrittenKey {
  readonly key: string
  /** By the value they set. */
  readonly byValue: ReadonlyMap<string, Write>
  /** Accepted ones, in the order they were sent. */
  readonly accepted: readonly Write[]
  /** Those that delete: the accepted ones, and those that nobody answered; each in the order they were sent. */
  readonly deletes: { readonly accepted: readonly Write[]; readonly unanswered: readonly Write[] }
  /** When the last of all was sent, whatever came of it. */
  readonly lastSentAt: number
  /** When a write was over at the latest: when it was answered, or was first shown; Infinity while nobody knows. */
  endOf(write: Write): number
}

/** `writes` and `sights` are of one key. */
export const writtenKey = (key: string, writes: readonly Write[], sights: readonly Sight[]): WrittenKey => {
  const inOrder = writes.filter(({ outcome }) => outcome !== 'refused').sort((a, b) => a.sentAt - b.sentAt)
  const byValue = new Map(inOrder.flatMap((write) => (write.value === null ? [] : [[write.value, write] as const])))
  const shownAt = new Map<string, number>()
  for (const { value, from } of sights)
    if (value !== null) shownAt.set(value, Math.min(from, shownAt.get(value) ?? Infinity))
  const endOf = ({ endedAt, value }: Write): number =>
    Math.min(endedAt ?? Infinity, value === null ? Infinity : (shownAt.get(value) ?? Infinity))
  const accepted = inOrder.filter(({ outcome }) => outcome === 'accepted')
  const isDelete = ({ value }: Write): boolean => value === null
  const unanswered = inOrder.filter((write) => isDelete(write) && write.outcome === 'unknown')
  return {
    key,
    byValue,
    accepted,
    deletes: { accepted: accepted.filter(isDelete), unanswered },
    lastSentAt: inOrder.at(-1)?.sentAt ?? -Infinity,
    endOf,
  }
}

/** How many of `writes`, which are in the order they were sent, were sent before `at`. */
export const sentBefore = (writes: readonly Write[], at: number): number => {
  let [low, high] = [0, writes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((writes[middle]?.sentAt ?? Infinity) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** When the first write that was sent after this one was over was accepted; null where none was. */
export const replacedAt = ({ accepted, endOf }: WrittenKey, write: Write): number | null => {
  // One writer asks one after the other: the first that was sent is the first that was answered.
  const next = accepted[sentBefore(accepted, endOf(write))]
  return next && next !== write ? next.endedAt : null
}

/** The first accepted delete that was sent after a write and by `at`, or is that write; null where there is none. */
export const deleteAfter = ({ deletes: { accepted } }: WrittenKey, write: Write, at: number): Write | null => {
  const next = accepted[sentBefore(accepted, write.sentAt)]
  return next && next.sentAt < at ? next : null
}

/** Whether a delete that was sent by `at` may have come after a write: one that nobody answered may at any time. */
export const mayBeDeletedBy = (key: WrittenKey, write: Write, at: number): boolean =>
  deleteAfter(key, write, at) !== null || sentBefore(key.deletes.unanswered, at) > 0
