// One watch: a created frame, the events it missed, and then every change as it comes.
import type { Database } from '../database.ts'
import { byRevision, type ChangeFeed } from './change-feed.ts'
import { isIn, type KeyRange } from './etcd-requests.ts'
import { type Entry, type Happened, readEvents } from './keyspace.ts'
import type { Scope } from './scope.ts'
import { compactedFrame, createdFrame, eventsFrame, progressFrame } from './watch-frames.ts'
import type { CreateWatch } from './watch-requests.ts'

/** Where the frames of a watch go, and what happens when it can go on no longer. */
export interface Outlet {
  send(frame: object): void
  /** The watch was canceled by the server. */
  onCanceled(): void
}

/** A watch to be started: what the client wants, with its range as it is stored. */
export interface Wanted extends Pick<CreateWatch, 'startRevision' | 'filters' | 'prevKv' | 'progressNotify'> {
  readonly id: string
  readonly range: KeyRange
  readonly scope: Scope
}

/** How long nothing happens before a watch that wants it is told so: etcd's ten minutes. */
const PROGRESS_MS = 600_000

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
  wanted: Wanted,
  outlet: Outlet,
  progressMs = PROGRESS_MS,
): Promise<() => void> => {
  const early: (() => void)[] = []
  let deliver = (act: () => void): void => {
    early.push(act)
  }
  let delivered = 0
  let isOver = false
  let progress: NodeJS.Timeout | undefined
  const stop = (): void => {
    isOver = true
    stopListening()
    clearInterval(progress)
  }
  const send = (revision: number, entries: readonly Entry[]): void => {
    if (isOver || revision <= delivered) return
    delivered = revision
    const seen = entries.flatMap((entry) => viewOf(wanted, entry))
    if (seen.length === 0) return
    outlet.send(eventsFrame(wanted.id, revision, { entries: seen, prevKv: wanted.prevKv }))
    progress?.refresh()
  }
  const cancel = (revision: number, from: number): void => {
    if (isOver) return
    stop()
    outlet.send(compactedFrame(wanted.id, revision, from))
    outlet.onCanceled()
  }
  const stopListening = feed.listen({
    onRevision: (revision, entries) => deliver(() => send(revision, entries)),
    onForgotten: (revision, oldest) => deliver(() => delivered + 1 < oldest && cancel(revision, oldest)),
  })
  const past = await readEvents(database, wanted.range, wanted.startRevision || Number.MAX_SAFE_INTEGER).catch(
    (error: unknown) => {
      stop()
      throw error
    },
  )
  outlet.send(createdFrame(wanted.id, past.revision))
  const begin = beginningOf(wanted.startRevision, past)
  if (begin !== wanted.startRevision && wanted.startRevision !== 0) cancel(past.revision, begin)
  else {
    for (const [revision, entries] of byRevision(past.entries)) send(revision, entries)
    delivered = Math.max(delivered, past.revision)
    for (const act of early) act()
    deliver = (act) => act()
    if (wanted.progressNotify && !isOver) {
      progress = setInterval(
        () => outlet.send(progressFrame(wanted.id, Math.max(delivered, feed.position()))),
        progressMs,
      )
    }
  }
  return stop
}

/** The entry as the client sees it, or nothing where it is not its concern. */
const viewOf = ({ range, filters, scope }: Wanted, entry: Entry): readonly Entry[] => {
  if (!isIn(range, entry.key) || filters.includes(entry.value === null ? 'NODELETE' : 'NOPUT')) return []
  const key = scope.viewed(entry.key)
  return [{ ...entry, key, previous: entry.previous && { ...entry.previous, key } }]
}

/** Where a watch may begin: where it asked to, unless that history is gone or not there yet. */
const beginningOf = (startRevision: number, { oldest, revision }: Happened): number => {
  if (startRevision < oldest) return oldest
  return Math.min(startRevision, revision + 1)
}
