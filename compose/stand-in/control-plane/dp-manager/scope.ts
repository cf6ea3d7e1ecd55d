// What of the keyspace somebody sees: an operator all of it, a gateway its group's part, always as /apisix.
import type { KeyRange } from './etcd-requests.ts'

/** A view of the keyspace. Both ways keep the order of keys. */
export interface Scope {
  /** The stored keys a range of the view stands for; it may hold none. */
  stored(range: KeyRange): KeyRange
  /** A stored key of this scope as the view shows it. */
  viewed(key: Buffer): Buffer
}

/** The prefix every gateway asks for, whatever its group is stored under. */
const VIEW = '/apisix'
const FIRST = Buffer.from(`${VIEW}/`)
const BELOW = Buffer.from(`${VIEW}0`)

/** All keys as they are stored. */
export const wholeKeyspace: Scope = { stored: (range) => range, viewed: (key) => key }

/** The part of one group, which is stored under `prefix`: '/apisix' for the default group, '/api7/<id>' for others. */
export const groupScope = (prefix: string): Scope => {
  const moved = (key: Buffer, from: string, to: string): Buffer =>
    Buffer.concat([Buffer.from(to), key.subarray(Buffer.byteLength(from))])
  return {
    stored({ from, below }) {
      const first = from.compare(FIRST) > 0 ? from : FIRST
      const end = below && below.compare(BELOW) < 0 ? below : BELOW
      // A range outside of the view holds nothing, and must not reach into what is stored beside it.
      if (first.compare(end) >= 0) return { from: FIRST, below: FIRST }
      return { from: moved(first, VIEW, prefix), below: moved(end, VIEW, prefix) }
    },
    viewed: (key) => moved(key, prefix, VIEW),
  }
}
