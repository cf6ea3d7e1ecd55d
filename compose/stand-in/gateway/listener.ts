// One listening port that can be closed in nginx's two ways: drained (QUIT) and cut (TERM). Plain or TLS.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Upgrades } from './upgrade.ts'

export interface Listener {
  readonly port: number
  /** Connections and calls as they are now, and connections since the beginning. */
  connections(): ConnectionCounts
  /** Stops listening at once; resolves when the last call under way is answered, with `Connection: close`. */
  drain(): Promise<void>
  /** Closes everything, answered or not. */
  cut(): void
}

export interface ConnectionCounts {
  readonly active: number
  readonly accepted: number
  /** Calls whose answer is not complete. */
  readonly answering: number
}

export interface TlsCertificates {
  /** For callers who name no server. */
  readonly own: { readonly certificate: string; readonly key: string }
  readonly contextFor: (serverName: string) => SecureContext
}

export interface ListenOptions {
  readonly address: string
  readonly port: number
  /** Makes the port speak TLS. */
  readonly tls?: TlsCertificates
  /** Takes calls that turn into another protocol; without it such calls are answered as if they had not asked. */
  readonly upgrades?: Upgrades
}

/** nginx's keepalive_timeout is 60 s in APISIX; a little more here, so that a balancer with 60 s lets go first. */
const keepAliveMs = 65_000

/** How long a connection that never carried a call may still bring one after the drain began. */
const freshLimitMs = 1_000

const idleLookMs = 50

export async function listen(
  onCall: (request: IncomingMessage, response: ServerResponse) => void,
  options: ListenOptions,
): Promise<Listener> {
  let isDraining = false
  const unanswered = new Set<ServerResponse>()
  const server = openServer(options, (request, response) => {
    sockets.carriesCall(request.socket)
    if (isDraining) response.shouldKeepAlive = false
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
    onCall(request, response)
  })
  const sockets = followSockets(server)
  if (options.upgrades !== undefined) passUpgrades(server, options.upgrades, sockets)
  await listening(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => ({ ...sockets.counts(), answering: unanswered.size }),
    drain() {
      isDraining = true
      for (const response of unanswered) response.shouldKeepAlive = false
      return closed(server, sockets)
    },
    cut() {
      server.close()
      // Also those that have become something else than HTTP, which closeAllConnections leaves alone.
      sockets.destroyAll()
    },
  }
}

type OnCall = (request: IncomingMessage, response: ServerResponse) => void

function openServer({ tls, upgrades }: ListenOptions, onCall: OnCall): Server {
  const shouldUpgradeCallback = (request: IncomingMessage): boolean => upgrades?.takes(request) ?? false
  const options = { keepAliveTimeout: keepAliveMs, noDelay: true, shouldUpgradeCallback }
  if (tls === undefined) return createServer(options, onCall)
  const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
    done(null, tls.contextFor(name))
  }
  const { certificate: cert, key } = tls.own
  return createTlsServer({ ...options, cert, key, SNICallback, ALPNProtocols: ['http/1.1'] }, onCall)
}

function listening(server: Server, { address, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, backlog: 511 }, resolve)
  })
}

/** Calls whose answer had begun as keep-alive end as idle connections, which are looked for again and again. */
function closed(server: Server, sockets: Sockets): Promise<void> {
  return new Promise((resolve) => {
    const look = setInterval(() => server.closeIdleConnections(), idleLookMs)
    const letGo = setTimeout(() => sockets.destroyFresh(), freshLimitMs)
    server.close(() => {
      clearInterval(look)
      clearTimeout(letGo)
      resolve()
    })
  })
}

function passUpgrades(server: Server, upgrades: Upgrades, sockets: Sockets): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.carriesCall(request.socket)
    upgrades.pass(request, socket, head)
  })
}

interface Sockets {
  counts(): Omit<ConnectionCounts, 'answering'>
  carriesCall(socket: Socket): void
  /** Ends connections that never carried a call, also those whose TLS handshake is not done. */
  destroyFresh(): void
  destroyAll(): void
}

function followSockets(server: Server): Sockets {
  const open = new Set<Socket>()
  const fresh = new Set<Socket>()
  /** A TLS connection is two sockets: the one that was accepted, and the one that calls come on. */
  const acceptedOf = new WeakMap<Socket, Socket>()
  const handshaking = new Map<string, Socket>()
  let accepted = 0
  server.on('connection', (socket: Socket) => {
    accepted += 1
    open.add(socket)
    fresh.add(socket)
    const peer = peerOf(socket)
    handshaking.set(peer, socket)
    socket.once('close', () => {
      open.delete(socket)
      fresh.delete(socket)
      if (handshaking.get(peer) === socket) handshaking.delete(peer)
    })
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    const below = handshaking.get(peerOf(socket))
    if (below !== undefined) acceptedOf.set(socket, below)
  })
  return {
    counts: () => ({ active: open.size, accepted }),
    carriesCall(socket) {
      if (fresh.size > 0) fresh.delete(acceptedOf.get(socket) ?? socket)
    },
    destroyFresh: () => fresh.forEach((socket) => void socket.destroy()),
    destroyAll: () => open.forEach((socket) => void socket.destroy()),
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
