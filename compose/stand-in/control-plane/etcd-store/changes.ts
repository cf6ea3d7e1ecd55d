// Changing several keys at once in etcd: drawn up from what was read, and made only if that still holds, exactly once.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { DatabaseAwayError, OutcomeUnknownError } from '../database-errors.ts'
import type { Reply } from './attempt.ts'
import { deadline, type EtcdClient, EtcdRejectedError } from './etcd-client.ts'
import {
  type Compare,
  type Entry,
  foundIn,
  keyRange,
  nothingNewUnder,
  type Operation,
  prefixRange,
  put,
  remove,
  removeAll,
  responsesOf,
  revisionOf,
  unchanged,
} from './messages.ts'
import { type RotatingLease, rotatingLease } from './rotating-lease.ts'

/** A change that is being drawn up. What it read is compared, and what it puts and removes done, in one transaction. */
export interface Draft {
  /** The value of a key, as the change will find it. */
  get<Value>(key: string): Promise<Value | undefined>
  /** All values under a prefix, which ends in '/', as the change will find them; not the prefix itself, a marker. */
  list<Value>(prefix: string): Promise<ReadonlyMap<string, Value>>
  /** Under a lease the key ends with it. */
  put(key: string, value: object | string, lease?: string): void
  remove(key: string): void
  /** Removes everything under a prefix, whatever is there by then. */
  removeAll(prefix: string): void
}

export interface Changes {
  /** Draws up a change and makes it; draws it up again when somebody else was quicker, so `work` has no effect of its own. */
  make<Result>(work: (draft: Draft) => Promise<Result>): Promise<Result>
}

/** A mark outlives by far whatever could still be on its way to etcd. */
const MARK_SECONDS = 900
/** An etcd that knows no lease is soon asked again, and not as often as it answers. */
const LEASE_PAUSE_MS = 100
const MADE = 'made'
const VOID = 'void'

/** Changes whose marks stand under a prefix of their own; `shared` are the leases that changes put keys under. */
export const changesIn = (client: EtcdClient, marksPrefix: string, shared: readonly RotatingLease[] = []): Changes => {
  const lease = rotatingLease(client, MARK_SECONDS)
  const leases = [lease, ...shared]
  return {
    async make(work) {
      const until = deadline()
      while (performance.now() < until) {
        const draft = draftOf(client, until)
        const result = await work(draft)
        const mark = `${marksPrefix}${randomUUID()}`
        if (await isMade(client, { draft, mark, lease, leases, until })) return result
      }
      throw new DatabaseAwayError(new Error('others kept changing the same objects: nothing was changed'))
    },
  }
}

interface Drawn extends Draft {
  readonly compares: readonly Compare[]
  readonly operations: readonly Operation[]
}

const draftOf = (client: EtcdClient, until: number): Drawn => {
  const compares: Compare[] = []
  const operations: Operation[] = []
  const listed = new Map<string, number>()
  const ask = (range: object): Promise<Reply> => client.repeat('/v3/kv/range', range, until)
  const touch = (key: string): void => {
    // A listed key that is gone by then is not seen by the comparison of its prefix, so it is compared by itself.
    const revision = listed.get(key)
    if (revision !== undefined) compares.push(unchanged(key, revision))
  }
  return {
    compares,
    operations,
    async get<Value>(key: string) {
      const [entry] = foundIn(await ask(keyRange(key))).entries
      compares.push(unchanged(key, entry?.modRevision ?? 0))
      return entry && contentOf<Value>(entry)
    },
    async list<Value>(prefix: string) {
      const reply = await ask(prefixRange(prefix))
      const { entries } = foundIn(reply)
      compares.push(nothingNewUnder(prefix, revisionOf(reply)))
      for (const { key, modRevision } of entries) listed.set(key, modRevision)
      const below = entries.filter(({ key }) => key !== prefix)
      return new Map(below.map((entry) => [entry.key, contentOf<Value>(entry)]))
    },
    put(key, value, lease) {
      touch(key)
      operations.push(put(key, typeof value === 'string' ? value : JSON.stringify(value), lease))
    },
    remove(key) {
      touch(key)
      operations.push(remove(key))
    },
    removeAll(prefix) {
      operations.push(removeAll(prefix))
    },
  }
}

/** What a value of this store holds. */
export const contentOf = <Value>({ value }: Entry): Value => JSON.parse(value) as Value

interface Attempted {
  readonly draft: Drawn
  /** A key that this attempt alone puts: it is there if and only if the change was made. */
  readonly mark: string
  readonly lease: RotatingLease
  /** All that the change may have put keys under. */
  readonly leases: readonly RotatingLease[]
  readonly until: number
}

/** True when the change was made, false when it was not and never will be. Throws OutcomeUnknownError when nobody says. */
const isMade = async (client: EtcdClient, { draft, mark, lease, leases, until }: Attempted): Promise<boolean> => {
  const compare = [unchanged(mark, 0), ...draft.compares]
  const success = [put(mark, MADE, await lease.id()), ...draft.operations]
  try {
    const reply = await client.once('/v3/kv/txn', { compare, success }, until)
    return reply === 'silent' ? await wasMade(client, { mark, lease, until }) : reply.succeeded === true
  } catch (error) {
    // Nothing was done: a lease ended with the etcd that knew it, and which one is not said. The next attempt gets new ones.
    if (!(error instanceof EtcdRejectedError) || !/lease not found/.test(error.message)) throw error
    for (const each of leases) each.forget()
    await pause(LEASE_PAUSE_MS)
    return false
  }
}

/**
 * Finds out what became of a change whose answer never came. The mark is put as void where it is not there yet: a
 * change that is still on its way then fails its first comparison, so "it was not made" stays true.
 */
const wasMade = async (
  client: EtcdClient,
  { mark, lease, until }: Pick<Attempted, 'mark' | 'lease' | 'until'>,
): Promise<boolean> => {
  try {
    const fence = {
      compare: [unchanged(mark, 0)],
      success: [put(mark, VOID, await lease.id())],
      failure: [{ request_range: keyRange(mark) }],
    }
    const reply = await client.repeat('/v3/kv/txn', fence, until)
    if (reply.succeeded === true) return false
    return responsesOf(reply)[0]?.entries[0]?.value === MADE
  } catch (error) {
    throw new OutcomeUnknownError(error)
  }
}
