// The connections of one lane: kept alive and reused, or a fresh one for each call; none waits longer than the deadline.
import type { IncomingHttpHeaders } from 'node:http'
import type net from 'node:net'
import { type buildConnector, type Dispatcher, Pool } from 'undici'
import { createFifo } from './fifo.ts'
import type { LaneOrder } from './protocol.ts'
import { openSocket } from './socket.ts'
import { openStreams } from './streams.ts'

/** One call as it is asked. */
export interface CallRequest {
  readonly path: string
  readonly method: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body?: string
  /** The connection is closed with it. */
  readonly reset?: boolean
}

/** What a call is told by the connection that carries it. */
export interface CarriedCall {
  /** Its bytes go out now, unless it aborts. Once. */
  onRequestStart(controller: Pick<Dispatcher.DispatchController, 'abort'>): void
  onResponseStart(controller: unknown, status: number, headers: IncomingHttpHeaders): void
  onResponseData(controller: unknown, chunk: Buffer): void
  /** One of these two, once; the second also where nothing of it went out. */
  onResponseEnd(): void
  onResponseError(controller: unknown, error: Error): void
}

export interface Connections {
  dispatch(request: CallRequest, call: CarriedCall): void
  /** The same on a connection made for it alone. */
  dispatchApart(request: CallRequest, call: CarriedCall): void
  /** True only while a connection just made is given its first request. */
  isFresh(): boolean
  /** True only while a connection ends with an error: an answer that ends with it is not whole, whatever its reader makes of it. */
  isBreaking(): boolean
  /** Gives up every connection that is still being made after the deadline. */
  expire(nowMs: number): void
  destroy(): Promise<void>
}

interface Attempt {
  readonly socket: net.Socket
  readonly startedMs: number
  /** It carries calls, or failed: TCP alone is not enough where a handshake is to follow. */
  isDone: boolean
}

/** `address` is where the URL's host was found when the lane opened. */
export const openConnections = (order: LaneOrder, address: string, now: () => number): Connections =>
  order.protocol === 'h2' ? openStreams(order, address, now) : openPool(order, address, now)

const openPool = (order: LaneOrder, address: string, now: () => number): Connections => {
  const attempts = createFifo<Attempt>()
  let isFresh = false
  let isBreaking = false
  const connect: buildConnector.connector = (_, callback) => {
    const { socket, ready } = openSocket(order, address)
    const attempt: Attempt = { socket, startedMs: now(), isDone: false }
    attempts.push(attempt)
    socket.once(ready, () => {
      attempt.isDone = true
      isFresh = true
      callback(null, socket)
      isFresh = false
    })
    socket.on('error', (error) => {
      if (attempt.isDone) {
        // Whoever reads it is told next, and all that follows from it is over before anything else is done.
        isBreaking = true
        queueMicrotask(() => {
          isBreaking = false
        })
        return
      }
      attempt.isDone = true
      callback(error, null)
    })
  }
  /** Gives up those that began by then and are still being made. */
  const giveUp = (startedBy: number, because: string): void => {
    for (let at = attempts.head(); at && at.startedMs <= startedBy; at = attempts.head()) {
      attempts.shift()
      if (!at.isDone) at.socket.destroy(new Error(because))
    }
  }
  const poolOf = (): Pool => new Pool(new URL(order.url).origin, { ...POOL, connect })
  const pool = poolOf()
  // None of its connections outlives a call, so each is new.
  const apart = poolOf()
  return {
    dispatch: (request, call) => void pool.dispatch(request, call),
    dispatchApart: (request, call) => void apart.dispatch({ ...request, reset: true }, call),
    isFresh: () => isFresh,
    isBreaking: () => isBreaking,
    expire: (nowMs) => giveUp(nowMs - order.deadlineMs, 'not connected within the deadline'),
    destroy: async () => {
      const ended = Promise.all([pool.destroy(), apart.destroy()])
      // A pool leaves those alone that it does not have yet, and nobody expires them any more.
      giveUp(Number.POSITIVE_INFINITY, 'the lane is closed')
      await ended
    },
  }
}

// Unlimited, so that no call ever waits for another's answer; our own deadline, since undici's timers tick twice a second.
const POOL = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const
