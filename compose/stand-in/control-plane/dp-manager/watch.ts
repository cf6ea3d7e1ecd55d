// One watch: a created frame, the events it missed, and then every change as it comes, as lines of JSON.
import type { ServerResponse } from 'node:http'
import type { Database } from '../database.ts'
import { byRevision, type ChangeFeed } from './change-feed.ts'
import { type Asked, compactedFrame, createdFrame, type Entry, eventsFrame, type KeyRange } from './etcd-messages.ts'
import { type Happened, readEvents } from './keyspace.ts'

/** A gateway that does not read is let go before what waits for it fills the memory. */
const UNREAD_BYTES = 8 * 1024 * 1024

/** Where the frames of a watch go. */
export interface Stream {
  send(frame: object): void
  end(): void
}

/**
 * Catches up from the asked revision and goes on live. Returns the way to stop.
 * Rejects, with nothing sent, when the database does not answer: no watch may begin at an unknown revision.
 *
 * It listens before it reads. What is committed in between is told twice, by the feed and by the read, and sent
 * once: `delivered` only grows.
 */
export const startWatch = async (
  database: Database,
  feed: ChangeFeed,
  { range, startRevision }: Asked,
  open: () => Stream,
): Promise<() => void> => {
  const early: (() => void)[] = []
  let deliver = (act: () => void): void => {
    early.push(act)
  }
  let delivered = 0
  let stream: Stream | undefined
  const send = (revision: number, entries: readonly Entry[]): void => {
    const wanted = entries.filter(({ key }) => isIn(range, key))
    if (revision <= delivered) return
    delivered = revision
    if (wanted.length > 0) stream?.send(eventsFrame(revision, wanted))
  }
  const cancel = (revision: number, from: number): void => {
    stop()
    stream?.send(compactedFrame(revision, from))
    stream?.end()
    stream = undefined
  }
  const stop = feed.listen({
    onRevision: (revision, entries) => deliver(() => send(revision, entries)),
    onRollback: (revision) => deliver(() => cancel(revision, revision + 1)),
  })
  const past = await readEvents(database, range, startRevision || Number.MAX_SAFE_INTEGER).catch((error: unknown) => {
    stop()
    throw error
  })
  stream = open()
  stream.send(createdFrame(past.revision))
  const begin = beginningOf(startRevision, past)
  if (begin !== startRevision && startRevision !== 0) cancel(past.revision, begin)
  else {
    for (const [revision, entries] of byRevision(past.entries)) send(revision, entries)
    delivered = Math.max(delivered, past.revision)
    for (const act of early) act()
    deliver = (act) => act()
  }
  return stop
}

/** Where a watch may begin: where it asked to, unless that history is gone or not there yet. */
const beginningOf = (startRevision: number, { oldest, revision }: Happened): number => {
  if (startRevision < oldest) return oldest
  return Math.min(startRevision, revision + 1)
}

/** A stream over a chunked response: one frame, one line, one write. */
export const streamOver = (response: ServerResponse): Stream => {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  return {
    send(frame) {
      if (response.writableEnded || response.destroyed) return
      if (response.writableLength > UNREAD_BYTES) response.destroy()
      else response.write(`${JSON.stringify(frame)}\n`)
    },
    end: () => response.end(),
  }
}

// Keys are compared as PostgreSQL's "C" collation compares them: by bytes, not by UTF-16 units.
const isIn = ({ from, below }: KeyRange, key: string): boolean =>
  Buffer.compare(Buffer.from(key), Buffer.from(from)) >= 0 &&
  (below === null || Buffer.compare(Buffer.from(key), Buffer.from(below)) < 0)
