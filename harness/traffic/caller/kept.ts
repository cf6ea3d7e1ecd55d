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
      // Whoever waits for an answer over it listens, and many may at once.
      socket.setMaxListeners(0)
      // Whoever asks next is told that it is gone.
      socket.on('error', () => {})
      opened += 1
      sockets.set(opened, socket)
      resolve({ kept: opened })
    })
  })

const STATUS_LINE = 'HTTP/1.'

/** Sends so many HTTP requests at once over it and waits for as many status lines. One that is closed, or let go, is 'reset'. */
export const askKept = (kept: number, limitMs: number, answers = 1): Promise<KeptAnswer> => {
  const from = monotonicMs()
  const socket = sockets.get(kept)
  if (!socket || socket.destroyed) return Promise.resolve({ outcome: 'reset', from, to: from, bytes: 0 })
  return new Promise((resolve) => {
    let bytes = 0
    let seen = 0
    let rest = ''
    const end = (outcome: KeptAnswer['outcome']): void => {
      clearTimeout(limit)
      socket.off('data', answered)
      socket.off('close', reset)
      resolve({ outcome, from, to: monotonicMs(), bytes })
    }
    const answered = (chunk: Buffer): void => {
      bytes += chunk.length
      // The rest of an earlier answer's body may come first, and a status line may come in pieces.
      const text = rest + chunk.toString('latin1')
      seen += text.split(STATUS_LINE).length - 1
      rest = text.slice(1 - STATUS_LINE.length)
      if (seen >= answers) end('answered')
    }
    const reset = (): void => end('reset')
    const limit = setTimeout(() => end('silent'), limitMs)
    socket.on('data', answered)
    socket.once('close', reset)
    socket.write(`GET / HTTP/1.1\r\nhost: ${socket.remoteAddress}\r\n\r\n`.repeat(answers))
  })
}

/** Closes it. Again does nothing. */
export const letGo = (kept: number): void => {
  sockets.get(kept)?.destroy()
  sockets.delete(kept)
}
