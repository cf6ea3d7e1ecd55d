// One watch stream: the watches of one request, over one response that lasts as lines of JSON.
import type { ServerResponse } from 'node:http'
import type { Database } from '../database.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Scope } from './scope.ts'
import { startWatch } from './watch.ts'
import { canceledFrame, progressFrame, refusedFrame } from './watch-frames.ts'
import type { CreateWatch, WatchMessage } from './watch-requests.ts'

/** A gateway that does not read is let go before what waits for it fills the memory. */
const UNREAD_BYTES = 8 * 1024 * 1024

/** Where the frames go. */
export interface Stream {
  send(frame: object): void
  end(): void
}

/** What the watches of a stream are made with. */
export interface Watched {
  readonly database: Database
  readonly feed: ChangeFeed
  /** What the caller sees; or the words in which it is told that it may not watch. */
  readonly scope: Scope | { readonly refusedBecause: string }
  readonly progressMs?: number | undefined
}

/** A stream with its watches. */
export interface WatchStream {
  /** Does what the messages ask for, in their order. Rejects when the database does not answer. */
  take(messages: readonly WatchMessage[]): Promise<void>
  stop(): void
}

/** Opens a stream; `open` is called before the first frame, so that an error can still be an HTTP status. */
export const watchStream = ({ database, feed, scope, progressMs }: Watched, open: () => Stream): WatchStream => {
  const stops = new Map<string, () => void>()
  let stream: Stream | undefined
  let nextId = 0
  let isTaking = false
  let isStopped = false
  const send = (frame: object): void => {
    // Nor is a stream opened for somebody who has left: its close is over.
    if (isStopped) return
    stream ??= open()
    stream.send(frame)
  }
  const newId = (wanted: string): string => {
    while (stops.has(String(nextId))) nextId += 1
    return wanted === '0' ? String(nextId) : wanted
  }
  // Unlike etcd's, a stream on which nothing is watched any more ends: a gateway then connects where it likes.
  const endIfIdle = (): void => {
    if (!isTaking && stops.size === 0) stream?.end()
  }
  const onCanceled = (id: string): void => {
    stops.delete(id)
    endIfIdle()
  }
  const create = async (wanted: CreateWatch): Promise<void> => {
    const id = newId(wanted.id)
    const because = reasonAgainst(wanted, scope, stops.has(id))
    if ('refusedBecause' in scope || !wanted.range || because) return send(refusedFrame(feed.position(), because ?? ''))
    const range = scope.stored(wanted.range)
    stops.set(id, () => undefined)
    const outlet = { send, onCanceled: () => onCanceled(id) }
    const stop = await startWatch(database, feed, { ...wanted, id, range, scope }, outlet, progressMs)
    if (isStopped) stop()
    else if (stops.has(id)) stops.set(id, stop)
  }
  const cancel = (id: string): void => {
    const stop = stops.get(id)
    if (!stop) return
    stop()
    stops.delete(id)
    send(canceledFrame(id, feed.position()))
  }
  return {
    async take(messages) {
      isTaking = true
      for (const message of messages) {
        if (message.kind === 'create') await create(message)
        else if (message.kind === 'cancel') cancel(message.id)
        else send(progressFrame('-1', feed.position()))
      }
      isTaking = false
      endIfIdle()
    },
    stop() {
      isStopped = true
      for (const stop of stops.values()) stop()
    },
  }
}

const reasonAgainst = ({ range }: CreateWatch, scope: Watched['scope'], isDuplicate: boolean): string | undefined => {
  if ('refusedBecause' in scope) return scope.refusedBecause
  if (!range) return 'mvcc: watcher range is empty'
  return isDuplicate ? 'mvcc: duplicate watch ID provided on the WatchStream' : undefined
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
