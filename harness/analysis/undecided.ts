// Gateways that show different values as they are looked at for the last time, before they have to agree: a doubt, and whom it is about.
import type { Sight, Write } from './acknowledged.ts'
import { mayBeDeletedBy, type WrittenKey } from './written-key.ts'

export interface Undecided {
  readonly nodes: readonly string[]
  /** That they do not show; absent where it is what was there before anybody wrote. */
  readonly write?: string
}

/**
 * Those that do not show what belongs there: what the store has (`kept`), or the newest of what they show where it did not say. Null where all
 * show the same. `finals` are of one key, one of each gateway.
 */
export const undecidedAt = (
  key: WrittenKey,
  finals: readonly Sight[],
  kept: string | null | undefined,
): Undecided | null => {
  if (new Set(finals.map(({ value }) => value)).size < 2) return null
  const value = kept === undefined ? newestOf(key, finals) : kept
  const write = value === null ? lastDelete(key) : key.byValue.get(value)
  const nodes = finals.filter((each) => each.value !== value).map(({ node }) => node)
  return { nodes, ...(write && { write: write.id }) }
}

const lastDelete = ({ deletes: { accepted, unanswered } }: WrittenKey): Write | undefined =>
  [...accepted, ...unanswered].toSorted((a, b) => a.sentAt - b.sentAt).at(-1)

/** The one that was over last; nothing, where a gateway shows nothing and a delete may have come after that. */
const newestOf = (key: WrittenKey, finals: readonly Sight[]): string | null => {
  const shown = finals.flatMap(({ value }) => (value === null ? [] : (key.byValue.get(value) ?? [])))
  const newest = shown.toSorted((a, b) => key.endOf(a) - key.endOf(b)).at(-1)
  const isGone = finals.some(({ value }) => value === null)
  return newest && !(isGone && mayBeDeletedBy(key, newest, Infinity)) ? newest.value : null
}
