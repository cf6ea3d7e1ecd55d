// One process's view of what changes: woken by NOTIFY, fed by reading every event past its position.
//
//   Dashboard ── commit + NOTIFY ──► wake ─┐
//   every second, whatever comes ──► wake ─┴─► read events > position ─► listeners

import pg from 'pg'
import type { Logger } from 'pino'
import { connectionOptions, type Database } from '../database.ts'
import { pause } from '../program.ts'
import { CHANNEL, enterEpoch } from '../revision.ts'
import { type Entry, type Happened, readEvents, readRevision } from './keyspace.ts'

/** Somebody who wants every change from the moment it listens. */
export interface Listener {
  /** All of one revision's entries. Revisions come in ascending order, each once. */
  onRevision(revision: number, entries: readonly Entry[]): void
  /**
   * The history between what was told and `oldest` is gone, by compaction or because a failover lost it: whoever was
   * told something from before has to read everything again. The database is at `revision` now.
   */
  onForgotten(revision: number, oldest: number): void
}

export interface ChangeFeed {
  /** The revision up to which everything was told. */
  position(): number
  /** Returns the way to stop listening. */
  listen(listener: Listener): () => void
  close(): Promise<void>
}

const POLL_MS = 1_000
const EVERYTHING = { from: Buffer.alloc(0), below: null }

/** Starts feeding from the revision PostgreSQL is at. Rejects when it does not answer. */
export const openChangeFeed = async (database: Database, databaseUrl: string, log: Logger): Promise<ChangeFeed> => {
  const listeners = new Set<Listener>()
  const closing = new AbortController()
  let position = (await readEvents(database, EVERYTHING, Number.MAX_SAFE_INTEGER)).revision

  const catchUp = async (): Promise<void> => {
    // Once a second, on every DP Manager, and nearly always nothing: a question that PostgreSQL has no work with.
    if ((await readRevision(database)) === position) return
    const happened = await readOn(database, position)
    if (happened.oldest > position + 1) {
      for (const each of [...listeners]) each.onForgotten(happened.revision, happened.oldest)
    }
    // What is kept is told all the same: a watch that began after the gap goes on.
    for (const [revision, entries] of byRevision(happened.entries)) {
      for (const each of [...listeners]) each.onRevision(revision, entries)
    }
    position = happened.revision
  }

  const bell = doorbell()
  const feeding = feed({ catchUp, waitForBell: () => bell.wait(POLL_MS), closing: closing.signal, log })
  const hearing = hearNotifications({ databaseUrl, ring: bell.ring, closing: closing.signal, log })
  return {
    position: () => position,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closing.abort()
      bell.ring()
      await Promise.all([feeding, hearing])
    },
  }
}

/** What happened after a position. A database that has not come so far has lost commits: then a new epoch begins. */
const readOn = async (database: Database, position: number): Promise<Happened> => {
  const happened = await readEvents(database, EVERYTHING, position + 1)
  if (happened.revision >= position) return happened
  await enterEpoch(database, position)
  return await readEvents(database, EVERYTHING, position + 1)
}

/** Entries of one revision together, as they are in the list. */
export const byRevision = (entries: readonly Entry[]): ReadonlyMap<number, readonly Entry[]> =>
  Map.groupBy(entries, (entry) => entry.modRevision)

const feed = async ({
  catchUp,
  waitForBell,
  closing,
  log,
}: {
  readonly catchUp: () => Promise<void>
  readonly waitForBell: () => Promise<void>
  readonly closing: AbortSignal
  readonly log: Logger
}): Promise<void> => {
  let isAway = false
  while (!closing.aborted) {
    try {
      await catchUp()
      if (isAway) log.info('PostgreSQL is back: watches go on')
      isAway = false
    } catch (error) {
      if (!isAway) log.warn({ why: messageOf(error) }, 'lost PostgreSQL: watches stay open and wait')
      isAway = true
    }
    await waitForBell()
  }
}

/** Keeps a LISTEN connection of its own, and makes it again when it breaks. What it misses meanwhile, the poll finds. */
const hearNotifications = async ({
  databaseUrl,
  ring,
  closing,
  log,
}: {
  readonly databaseUrl: string
  readonly ring: () => void
  readonly closing: AbortSignal
  readonly log: Logger
}): Promise<void> => {
  while (!closing.aborted) {
    const client = new pg.Client(connectionOptions(databaseUrl))
    const broken = new AbortController()
    const end = (): void => broken.abort()
    client.on('error', end)
    client.on('end', end)
    client.on('notification', ring)
    closing.addEventListener('abort', end)
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
      ring()
      await stayAwake(client, broken.signal)
    } catch (error) {
      log.debug({ why: messageOf(error) }, 'no LISTEN connection')
    }
    closing.removeEventListener('abort', end)
    // A connection whose other side vanished may never end; a new one is made without waiting for it.
    await Promise.race([client.end().catch(() => undefined), pause(POLL_MS, closing)])
    await pause(POLL_MS, closing)
  }
}

/** A connection that only listens does not notice that the other side is gone, so it is asked now and then. */
const stayAwake = async (client: pg.Client, broken: AbortSignal): Promise<void> => {
  while (!broken.aborted) {
    await pause(10_000, broken)
    if (!broken.aborted) await client.query('SELECT 1')
  }
}

/** Ringing ends the wait that is under way, or the next one at once: no ring is lost between two waits. */
const doorbell = (): { ring(): void; wait(limitMs: number): Promise<void> } => {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    async wait(limitMs) {
      await pause(limitMs, rung.signal)
      if (rung.signal.aborted) rung = new AbortController()
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
