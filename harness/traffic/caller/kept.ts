// Connections that stay open until they are wanted: what a fault does to those that were there before it.
import net from 'node:net'
import { monotonicMs } from '../../time/clock.ts'
import type { KeepAnswer, KeptAnswer } from './protocol.ts'

const CONNECT_LIMIT_MS = 2000

const sockets = new Map<number, net.Socket>()
let opened = 0

/** Opens a TCP connection that stays. Rejects when it is not there within 2 s. */
export const keep = (host: string, port: number): Promise<KeepAnswer> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, timeout: CONNECT_LIMIT_MS })
    socket.once('timeout', () => socket.destroy(new Error(`no connection within ${CONNECT_LIMIT_MS} ms`)))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.setNoDelay(true)
      socket.off('error', reject)
      // Whoever asks next is told that it is gone.
      socket.on('error', () => {})
      opened += 1
      sockets.set(opened, socket)
      resolve({ kept: opened })
    })
  })

/** Sends an HTTP request over it and waits for a status line. One that is closed, or let go, is 'reset'. */
export const askKept = (kept: number, limitMs: number): Promise<KeptAnswer> => {
  const from = monotonicMs()
  const socket = sockets.get(kept)
  if (!socket || socket.destroyed) return Promise.resolve({ outcome: 'reset', from, to: from })
  return new Promise((resolve) => {
    const end = (outcome: KeptAnswer['outcome']): void => {
      clearTimeout(limit)
      socket.off('data', answered)
      socket.off('close', reset)
      resolve({ outcome, from, to: monotonicMs() })
    }
    const answered = (chunk: Buffer): void => {
      // The rest of an earlier answer's body may come first.
      if (chunk.includes('HTTP/1.')) end('answered')
    }
    const reset = (): void => end('reset')
    const limit = setTimeout(() => end('silent'), limitMs)
    socket.on('data', answered)
    socket.once('close', reset)
    socket.write(`GET / HTTP/1.1\r\nhost: ${socket.remoteAddress}\r\n\r\n`)
  })
}

/** Closes it. Again does nothing. */
export const letGo = (kept: number): void => {
  sockets.get(kept)?.destroy()
  sockets.delete(kept)
}
