// A server for tests that misbehaves exactly as the path of each request asks, and counts what it did.
import { createHash } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import { CERTIFICATE, KEY } from './tls-identity.fixture.ts'

/** The first part of a request's path. */
export type Behaviour =
  | 'answered'
  | 'answered-via' // names no node, only the address of the one that passed the call on
  | 'spaced' // the same answer in many small pieces
  | 'server-error'
  | 'client-error'
  | 'redirect'
  | 'mismatch'
  | 'half-taken' // echoes a body that lost its last byte on the way
  | 'truncated'
  | 'truncated-by-reset'
  | 'endless-then-reset' // a body that ends with its connection, which is reset
  | 'connection-reset'
  | 'connection-closed'
  | 'garbage'
  | 'never'
  | 'slow-loris'
  | 'close-when-idle' // answers, then closes the connection that it promised to keep
  | 'close-when-reused' // closes it as the next call is on its way: a farewell that crossed it

export interface HostileServer {
  readonly url: string
  readonly port: number
  /** Requests that came, by path. */
  readonly requests: ReadonlyMap<string, number>
  /** How many times each X-Request-Id came. */
  readonly ids: ReadonlyMap<string, number>
  /** Connections accepted so far. */
  connections(): number
  /** Answers nothing until the returned function is called, then everything that waits. */
  stall(): () => void
  close(): Promise<void>
}

/** The same over TLS where it is secure. */
export const startHostileServer = async ({ isSecure = false } = {}): Promise<HostileServer> => {
  const requests = new Map<string, number>()
  const ids = new Map<string, number>()
  const sockets = new Set<net.Socket>()
  let accepted = 0
  let held: (() => void)[] | null = null
  const take = (socket: net.Socket, { head, body, isReused }: Taken): void => {
    const path = /^\S+ (\S+)/.exec(head)?.[1] ?? ''
    const id = /^x-request-id: (.*)$/im.exec(head)?.[1] ?? ''
    requests.set(path, (requests.get(path) ?? 0) + 1)
    ids.set(id, (ids.get(id) ?? 0) + 1)
    const reset = (): void => void below.get(socket.remotePort)?.resetAndDestroy()
    const call = { id, body, reset, isReused, isLast: /^connection: close$/im.test(head) }
    const act = (): void => behave(socket, path.split('/')[1] as Behaviour, call)
    if (held) held.push(act)
    else act()
  }
  const serve = (socket: net.Socket): void => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let text = ''
    let served = 0
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end)
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
        if (text.length < end + 4 + length) break
        const body = text.slice(end + 4, end + 4 + length)
        text = text.slice(end + 4 + length)
        served += 1
        take(socket, { head, body, isReused: served > 1 })
      }
    })
  }
  const server = isSecure
    ? tls.createServer({ cert: CERTIFICATE, key: KEY, ALPNProtocols: ['http/1.1'] }, serve)
    : net.createServer(serve)
  const below = new Map<number | undefined, net.Socket>()
  server.on('connection', (socket) => below.set(socket.remotePort, socket))
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
  const { port } = server.address() as net.AddressInfo
  return {
    url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    ids,
    connections: () => accepted,
    stall: () => {
      held = []
      return () => {
        const waiting = held ?? []
        held = null
        for (const act of waiting) act()
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

const VIA = 'x-firedrill-via: 10.0.0.41'

interface Taken {
  readonly head: string
  readonly body: string
  /** Its connection has served before. */
  readonly isReused: boolean
}

interface Asked {
  readonly id: string
  readonly body: string
  readonly isReused: boolean
  readonly isLast: boolean
  /** Ends the connection without a farewell. */
  reset(): void
}

/** The upstream's answer: the call's own id, and of its body the hash. */
const echoOf = ({ id, body: sent }: Asked): string =>
  `{"path":"/orders","requestId":"${id}","bodySha256":"${createHash('sha256').update(sent, 'latin1').digest('hex')}"}`

const behave = (socket: net.Socket, behaviour: Behaviour, call: Asked): void => {
  const { id, isReused, isLast, reset } = call
  const body = echoOf(call)
  const answer = (status: string, text: string, more = ''): string =>
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nx-firedrill-node: data-plane-2\r\n${more}content-length: ${text.length}\r\n${isLast ? 'connection: close\r\n' : ''}\r\n${text}`
  switch (behaviour) {
    case 'answered':
      return void socket.write(answer('200 OK', body))
    case 'answered-via':
      return void socket.write(answer('200 OK', body).replace('x-firedrill-node: data-plane-2', VIA))
    case 'spaced':
      return void drip(socket, answer('200 OK', body))
    case 'server-error':
      return void socket.write(answer('503 Service Unavailable', 'no server is available'))
    case 'client-error':
      return void socket.write(answer('404 Not Found', body))
    case 'redirect':
      return void socket.write(answer('302 Found', '', 'location: /answered\r\n'))
    case 'mismatch':
      return void socket.write(answer('200 OK', body.replace(id, `${id}0`)))
    case 'half-taken':
      return void socket.write(answer('200 OK', echoOf({ ...call, body: call.body.slice(0, -1) })))
    case 'truncated':
      return void socket.end(answer('200 OK', body).slice(0, -5))
    case 'truncated-by-reset':
      return void socket.write(answer('200 OK', body).slice(0, -5), () => setTimeout(reset, 5))
    case 'endless-then-reset':
      return void socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`, () => setTimeout(reset, 5))
    case 'connection-reset':
      return void reset()
    case 'connection-closed':
      return void socket.end()
    case 'garbage':
      return void socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    case 'never':
      return
    case 'slow-loris':
      return void socket.write(answer('200 OK', body).slice(0, -5))
    case 'close-when-idle':
      return void socket.end(answer('200 OK', body))
    case 'close-when-reused':
      return void (isReused ? socket.end() : socket.write(answer('200 OK', body)))
  }
}

const drip = (socket: net.Socket, text: string): void => {
  const piece = text.slice(0, 7)
  if (piece === '') return
  socket.write(piece)
  setTimeout(() => drip(socket, text.slice(7)), 1)
}
