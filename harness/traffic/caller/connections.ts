// The connections of one lane: kept alive and reused, or a fresh one for each call; none waits longer than the deadline.
import net from 'node:net'
import tls from 'node:tls'
import { type buildConnector, type Dispatcher, Pool } from 'undici'
import { createFifo } from './fifo.ts'
import type { LaneOrder } from './protocol.ts'

export interface Connections {
  dispatch(options: Dispatcher.DispatchOptions, call: Dispatcher.DispatchHandler): void
  /** True only while a connection just made is given its first request. */
  isFresh(): boolean
  /** Gives up every connection that is still being made after the deadline. */
  expire(nowMs: number): void
  destroy(): Promise<void>
}

interface Attempt {
  readonly socket: net.Socket
  readonly startedMs: number
}

/** `address` is where the URL's host was found when the lane opened: a name server's pause must not look like the gateway's. */
export const openConnections = (order: LaneOrder, address: string, now: () => number): Connections => {
  const attempts = createFifo<Attempt>()
  let isFresh = false
  const connect: buildConnector.connector = (options, callback) => {
    const socket = openSocket(order, address, Number(options.port))
    attempts.push({ socket, startedMs: now() })
    let isDone = false
    socket.setNoDelay(true)
    socket.once(options.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      isDone = true
      isFresh = true
      callback(null, socket)
      isFresh = false
    })
    socket.on('error', (error) => {
      if (isDone) return
      isDone = true
      callback(error, null)
    })
  }
  const pool = new Pool(new URL(order.url).origin, { ...POOL, connect })
  return {
    dispatch: (options, call) => void pool.dispatch(options, call),
    isFresh: () => isFresh,
    expire: (nowMs) => {
      for (let at = attempts.head(); at && nowMs - at.startedMs >= order.deadlineMs; at = attempts.head()) {
        attempts.shift()
        if (at.socket.connecting) at.socket.destroy(new Error('not connected within the deadline'))
      }
    },
    destroy: () => pool.destroy(),
  }
}

// Unlimited, so that no call ever waits for another's answer; our own deadline, since undici's timers tick twice a second.
const POOL = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const

const openSocket = (order: LaneOrder, address: string, port: number): net.Socket => {
  const { protocol, hostname } = new URL(order.url)
  if (protocol !== 'https:') return net.connect({ host: address, port: port || 80 })
  return tls.connect({
    host: address,
    port: port || 443,
    ...(net.isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(order.ca === undefined ? { rejectUnauthorized: false } : { ca: order.ca }),
    ALPNProtocols: ['http/1.1'],
  })
}
