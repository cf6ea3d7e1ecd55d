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
  /** Those that delete and were not refused, in the order they were sent. */
  readonly deletes: readonly Write[]
  /** For each of them the latest end of it and those before it. */
  readonly deletesEnd: readonly number[]
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
  const deletes = inOrder.filter(({ value }) => value === null)
  const deletesEnd: number[] = []
  for (const each of deletes) deletesEnd.push(Math.max(endOf(each), deletesEnd.at(-1) ?? -Infinity))
  return {
    key,
    byValue,
    accepted: inOrder.filter(({ outcome }) => outcome === 'accepted'),
    deletes,
    deletesEnd,
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

/** Whether a delete that was sent by `at` may have come after a write. */
export const mayBeDeletedBy = ({ deletes, deletesEnd }: WrittenKey, write: Write, at: number): boolean => {
  const count = sentBefore(deletes, at)
  return count > 0 && (deletesEnd[count - 1] ?? -Infinity) > write.sentAt
}
