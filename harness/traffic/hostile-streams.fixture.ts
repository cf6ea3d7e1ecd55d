// A server for tests that speaks HTTP/2 and misbehaves exactly as the path of each request asks, and counts what it did.
import { createHash } from 'node:crypto'
import http2, { type ServerHttp2Stream } from 'node:http2'
import type net from 'node:net'
import { CERTIFICATE, KEY } from './tls-identity.fixture.ts'

/** The first part of a request's path. */
export type StreamBehaviour =
  | 'answered'
  | 'spaced' // the same answer in two pieces
  | 'server-error'
  | 'client-error'
  | 'redirect'
  | 'mismatch'
  | 'truncated' // the stream is reset amid the body
  | 'truncated-by-reset' // the connection is
  | 'short' // ends well, with less than it announced
  | 'stream-reset'
  | 'stream-refused' // by the protocol's own word: nothing was done with it
  | 'connection-reset'
  | 'connection-closed'
  | 'never'
  | 'slow-loris'
  | 'close-when-idle' // answers, then says that it takes no more and closes the connection

export interface HostileStreams {
  readonly url: string
  /** Requests that came, by path. */
  readonly requests: ReadonlyMap<string, number>
  /** How many times each X-Request-Id came. */
  readonly ids: ReadonlyMap<string, number>
  /** Connections accepted so far. */
  connections(): number
  close(): Promise<void>
}

export const startHostileStreams = async (): Promise<HostileStreams> => {
  const requests = new Map<string, number>()
  const ids = new Map<string, number>()
  const sockets = new Map<number | undefined, net.Socket>()
  let accepted = 0
  const server = http2.createSecureServer({ cert: CERTIFICATE, key: KEY })
  server.on('connection', (socket: net.Socket) => {
    accepted += 1
    sockets.set(socket.remotePort, socket)
    socket.on('error', () => {})
  })
  server.on('sessionError', () => {})
  server.on('stream', (stream, { ':path': path = '', 'x-request-id': id = '' }) => {
    stream.on('error', () => {})
    requests.set(path, (requests.get(path) ?? 0) + 1)
    ids.set(String(id), (ids.get(String(id)) ?? 0) + 1)
    const hash = createHash('sha256')
    const socket = sockets.get(stream.session?.socket.remotePort)
    stream.on('data', (chunk: Buffer) => hash.update(chunk))
    stream.once('end', () => {
      // Another call may have ended the connection of both.
      if (stream.destroyed) return
      const body = `{"requestId":"${id}","bodySha256":"${hash.digest('hex')}"}`
      behave(stream, path.split('/')[1] as StreamBehaviour, { id: String(id), body, socket })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    requests,
    ids,
    connections: () => accepted,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.values()) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

interface Asked {
  readonly id: string
  readonly body: string
  readonly socket: net.Socket | undefined
}

const behave = (stream: ServerHttp2Stream, behaviour: StreamBehaviour, { id, body, socket }: Asked): void => {
  const answer = (status: number, text: string, more = {}): void => {
    stream.respond({ ':status': status, 'x-firedrill-node': 'data-plane-2', ...more })
    stream.end(text)
  }
  const beginAnd = (then: () => unknown, afterMs: number): void => {
    stream.respond({ ':status': 200, 'content-length': body.length })
    stream.write(body.slice(0, -5))
    setTimeout(then, afterMs)
  }
  const acts: Readonly<Record<StreamBehaviour, () => unknown>> = {
    answered: () => answer(200, body),
    spaced: () => beginAnd(() => stream.end(body.slice(-5)), 2),
    'server-error': () => answer(503, 'no server is available'),
    'client-error': () => answer(404, body),
    redirect: () => answer(302, '', { location: '/answered' }),
    mismatch: () => answer(200, body.replace(id, `${id}0`)),
    truncated: () => beginAnd(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 5),
    'truncated-by-reset': () => beginAnd(() => socket?.resetAndDestroy(), 5),
    short: () => answer(200, body.slice(0, -5), { 'content-length': body.length }),
    'stream-reset': () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    'stream-refused': () => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
    'connection-reset': () => socket?.resetAndDestroy(),
    'connection-closed': () => socket?.end(),
    never: () => {},
    'slow-loris': () => beginAnd(() => {}, 0),
    'close-when-idle': () => {
      answer(200, body)
      stream.session?.close()
    },
  }
  acts[behaviour]()
}
