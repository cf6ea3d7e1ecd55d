// A stream of changes: one write after another to routes of its own, and every gateway's view of them, as an operator's scripts and
// their monitoring would see it.
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import { type AdminAnswer, writeOutcome } from './admin-api.ts'
import type { Callers } from './callers.ts'
import { jsonOf } from './inside.ts'

/**
 * Routes that take turns, so many writes long or until one of them is not accepted at once; then others do, and these are left as they are. What
 * was acknowledged last is never overwritten by what comes after a failover: whether it is there can be seen until the drill ends.
 */
const ROUTES_IN_TURN = 3
const WRITES_IN_TURN = 15

/** An answer that took longer may have waited for another primary. */
const AT_ONCE_MS = 500

/** The last of so many are written to from then on, two minutes later at the earliest where all goes well. */
const MOST_ROUTES = 120

/** Every so many writes of a route one deletes it, where it is there; not the last of its turn. */
const DELETED_EVERY = 4

const DELETED_AT_ONCE = 4

/** From one write's answer to the next write. */
const NEXT_WRITE_MS = 200

const LOOK_EVERY_MS = 200

/** Told to stop as a write came to nothing, it goes on until one is accepted, for no longer than this: else nobody would know whether any was again. */
const ASKED_ON_MS = 3000

/** When it ends, gateways are looked at until they show what was accepted last; for no longer than this. */
const SHOWN_WITHIN_MS = 5000
/** And the control plane is asked for so long what it has, where nothing else is said. */
const SAID_WITHIN_MS = 10_000
const LOOK_LIMIT_MS = 1000

/** Whom it writes to, and who looks where. */
export interface StreamWorld {
  /** Sets a route's description, or deletes the route where there is none. Rejects where nobody answers. */
  readonly write: (key: string, value: string | null) => Promise<Pick<AdminAnswer, 'status' | 'body'>>
  /** The descriptions of all routes that the control plane has, by id. Rejects where it does not say. */
  readonly read: () => Promise<ReadonlyMap<string, string>>
  readonly callers: Pick<Callers, 'get'>
  readonly gateways: readonly Node[]
  readonly recorder: Recorder
  readonly clock: Clock
  /** How long the control plane has in the end to say what it has, ms: ten seconds where nothing is said. */
  readonly saidWithinMs?: number
}

export interface ChangeStream {
  /** Waits for the write that is out, and where that comes to nothing for one that is accepted, 3 s at most; then writes nothing more. Gateways are looked at on. */
  stop(): Promise<void>
  /**
   * Stops, and looks at every gateway once more and at what the control plane has; briefly: without waiting for either. Rejects where nobody can say
   * what a gateway shows: of that one nothing is on record, and nothing may be concluded. Again does nothing more.
   */
  end(how?: { readonly isBrief: boolean }): Promise<void>
  /** Deletes its routes, once nobody is measured any more; briefly: each is asked for once. Rejects where some are left. */
  tidy(how?: { readonly isBrief: boolean }): Promise<void>
}

/** Begins to write and to look at once. */
export const startChangeStream = (world: StreamWorld): ChangeStream => {
  const [stopped, ended] = [new AbortController(), new AbortController()]
  const name = `stream-${randomBytes(2).toString('hex')}`
  const keys: string[] = []
  const accepted = new Map<string, string | null>()
  const seen = new Map<string, View | null>()
  const unseen = new Map<string, string>()
  const writing = writeOn(world, { name, keys, accepted }, { stopped: stopped.signal, ended: ended.signal })
  const looking = world.gateways.map((node) => lookOn(world, { node, keys, seen, unseen }, ended.signal))
  const isShown = (): boolean =>
    [...seen.values()].every((view) => view === null || [...accepted].every(([key, value]) => view[key] === value))
  const stop = async (): Promise<void> => {
    stopped.abort()
    await writing
  }
  return {
    stop,
    end: async ({ isBrief } = { isBrief: false }) => {
      if (ended.signal.aborted) return
      if (isBrief) ended.abort()
      await stop()
      const until = world.clock.now() + SHOWN_WITHIN_MS
      while (!isBrief && !isShown() && world.clock.now() < until) await pause(LOOK_EVERY_MS)
      ended.abort()
      await Promise.all(looking)
      if (isBrief) return
      await noteKept(world, keys)
      if (unseen.size > 0)
        throw new Error(
          `nobody saw what ${[...unseen].map(([node, because]) => `${node} shows: ${because}`).join('; ')}`,
        )
    },
    tidy: async ({ isBrief } = { isBrief: false }) => {
      const left = [...keys]
      const remove = async (): Promise<void> => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) await deleted(world, key, isBrief ? 1 : 2)
      }
      // A few at a time: they all wait for the same row of the store.
      await Promise.all(Array.from({ length: DELETED_AT_ONCE }, remove))
    },
  }
}

/** Again where it was not answered well, so many times in all; one that is not there is deleted. */
const deleted = async ({ write }: StreamWorld, key: string, most: number): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const status = await write(key, null).then(
      (answer) => answer.status,
      () => 0,
    )
    if ((status >= 200 && status < 300) || status === 404) return
    if (tries === most)
      throw new Error(`route ${key} could not be deleted: ${status === 0 ? 'no answer' : `status ${status}`}`)
  }
}

/** Tells the keys as it comes to them, and of each the last value that was accepted: those of which nobody knows are left out. */
const writeOn = async (
  { write, recorder, clock }: StreamWorld,
  {
    name,
    keys,
    accepted,
  }: { readonly name: string; readonly keys: string[]; readonly accepted: Map<string, string | null> },
  { stopped, ended }: { readonly stopped: AbortSignal; readonly ended: AbortSignal },
): Promise<void> => {
  let turn = { first: 0, writes: 0, hasAccepted: false }
  let isOwed = false
  let until = Infinity
  stopped.addEventListener('abort', () => {
    until = clock.now() + ASKED_ON_MS
  })
  const goesOn = (): boolean => !stopped.aborted || (isOwed && !ended.aborted && clock.now() < until)
  for (let count = 1; goesOn(); count += 1) {
    // What an earlier drill's stream may have left is never taken for ours.
    const key = `${name}-${turn.first + (turn.writes % ROUTES_IN_TURN) + 1}`
    if (!keys.includes(key)) keys.push(key)
    const id = `write-${count}`
    const ofKey = Math.floor(turn.writes / ROUTES_IN_TURN)
    // Of one of which nobody knows that it is there it would say nothing that there was none to delete.
    const isDelete = ofKey % DELETED_EVERY === DELETED_EVERY - 1 && typeof accepted.get(key) === 'string'
    const value = isDelete ? null : id
    const told = { kind: 'write', id, key, value } as const
    const sentAt = clock.now()
    recorder.record({ ...told, at: sentAt, stage: 'sent' })
    const { outcome: stage, ...why } = await writeOutcome(() => write(key, value))
    recorder.record({ ...told, at: clock.now(), stage, ...why })
    turn = { ...turn, writes: turn.writes + 1, hasAccepted: turn.hasAccepted || stage === 'accepted' }
    if (stage === 'accepted') accepted.set(key, value)
    else if (stage === 'unknown') accepted.delete(key)
    isOwed = stage !== 'accepted'
    const isAtOnce = stage === 'accepted' && clock.now() - sentAt <= AT_ONCE_MS
    // While nobody is accepted there is nothing to leave as it is.
    const isOver = turn.writes === WRITES_IN_TURN || (!isAtOnce && turn.hasAccepted)
    if (isOver && turn.first + ROUTES_IN_TURN < MOST_ROUTES)
      turn = { first: turn.first + ROUTES_IN_TURN, writes: 0, hasAccepted: false }
    await pause(NEXT_WRITE_MS, undefined, { signal: stopped.aborted ? ended : stopped }).catch(() => {})
  }
}

/** Gateways may go on with what the store has lost, until they read it anew. Null is written down where the control plane does not say in time. */
const noteKept = async (
  { read, recorder, clock, saidWithinMs = SAID_WITHIN_MS }: StreamWorld,
  keys: readonly string[],
): Promise<void> => {
  for (const until = clock.now() + saidWithinMs; clock.now() < until; await pause(LOOK_EVERY_MS)) {
    const late = pause(until - clock.now()).then(() => null)
    const kept = await Promise.race([read().catch(() => null), late])
    if (kept === null) continue
    const values = Object.fromEntries(keys.map((key) => [key, kept.get(key) ?? null]))
    recorder.record({ kind: 'kept', at: clock.now(), values })
    return
  }
  recorder.record({ kind: 'kept', at: clock.now(), values: null })
}

type View = Readonly<Record<string, string | null>>

/** What one look came to: the stream's routes as the gateway has them, and when it began; or why nobody can say. */
type Look =
  | { readonly view: View; readonly from: number }
  /** isUnread: it answered, and nobody can read that. */
  | { readonly view: null; readonly because: string; readonly isUnread?: true }

/** Who is looked at, and what whoever ends the stream has to know. */
interface Looked {
  readonly node: Node
  readonly keys: readonly string[]
  readonly seen: Map<string, View | null>
  /** Why nobody can say what a gateway shows: it was never seen, or what it answered last cannot be read. */
  readonly unseen: Map<string, string>
}

/** Until it is over, and once after that: each view that differs from the last, and the first after looks that failed. Never rejects. */
const lookOn = async (
  { callers, recorder, clock }: StreamWorld,
  { node, keys, seen, unseen }: Looked,
  over: AbortSignal,
): Promise<void> => {
  const url = viewUrl(node)
  unseen.set(node.name, url === null ? 'it has no control port' : 'nobody has looked yet')
  if (url === null) return
  let last: string | null = null
  let lastLookAt = clock.now()
  for (let isLast = false; !isLast; ) {
    isLast = over.aborted
    const look = await lookAt(callers, url, [...keys])
    seen.set(node.name, look.view)
    const now = look.view && JSON.stringify(look.view)
    if (look.view && (now !== last || isLast))
      recorder.record({ kind: 'view', at: clock.now(), node: node.name, lastLookAt, values: look.view })
    // A look that took its time says what was there when it began, and nothing of its end.
    if (look.view) lastLookAt = look.from
    if (look.view) unseen.delete(node.name)
    else if (look.isUnread || unseen.has(node.name)) unseen.set(node.name, look.because)
    last = now
    if (!isLast) await pause(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {})
  }
}

const viewUrl = (node: Node): string | null => urlOf(node, 'control', '/v1/routes')

interface Item {
  readonly value?: { readonly id?: string; readonly desc?: string }
}

/** Never rejects: where the callers are gone their end is on record, and a gateway that is not seen is no reason to end the drill amid a fault. */
const lookAt = async (callers: Pick<Callers, 'get'>, url: string, keys: readonly string[]): Promise<Look> => {
  const answer = await callers.get(url, { timeoutMs: LOOK_LIMIT_MS }).catch((error: Error) => error)
  if (answer instanceof Error) return { view: null, because: answer.message }
  if (!answer.ok || answer.status !== 200) return { view: null, because: answer.error ?? `status ${answer.status}` }
  try {
    return { view: viewIn(jsonOf(answer), keys), from: answer.from }
  } catch (error) {
    return { view: null, because: `its answer cannot be read, ${(error as Error).message}`, isUnread: true }
  }
}

/** Throws TypeError on what is no list of routes. */
const viewIn = (routes: unknown, keys: readonly string[]): View => {
  const descriptions = new Map((routes as readonly Item[]).map(({ value }) => [value?.id, value?.desc ?? null]))
  return Object.fromEntries(keys.map((key) => [key, descriptions.get(key) ?? null]))
}
