// One listening port that can be closed in nginx's two ways: drained (QUIT) and cut (TERM).
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Listener {
  readonly port: number
  /** Stops listening at once; resolves when the last call under way is answered, with `Connection: close`. */
  drain(): Promise<void>
  /** Closes everything, answered or not. */
  cut(): void
}

/** nginx's keepalive_timeout is 60 s in APISIX; a little more here, so that a balancer with 60 s lets go first. */
const keepAliveMs = 65_000

/** How long a connection that never carried a call may still bring one after the drain began. */
const freshLimitMs = 1_000

const idleLookMs = 50

export async function listen(
  onCall: (request: IncomingMessage, response: ServerResponse) => void,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<Listener> {
  let isDraining = false
  const fresh = new Set<Socket>()
  const unanswered = new Set<ServerResponse>()
  const server = createServer({ keepAliveTimeout: keepAliveMs, noDelay: true }, (request, response) => {
    fresh.delete(request.socket)
    if (isDraining) response.shouldKeepAlive = false
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
    onCall(request, response)
  })
  server.on('connection', (socket) => {
    fresh.add(socket)
    socket.once('close', () => fresh.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, backlog: 511 }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    drain: () =>
      new Promise((resolve) => {
        isDraining = true
        for (const response of unanswered) response.shouldKeepAlive = false
        // Calls whose answer had begun as keep-alive end as idle connections, which are looked for again and again.
        const look = setInterval(() => server.closeIdleConnections(), idleLookMs)
        const letGo = setTimeout(() => fresh.forEach((socket) => void socket.destroy()), freshLimitMs)
        server.close(() => {
          clearInterval(look)
          clearTimeout(letGo)
          resolve()
        })
      }),
    cut() {
      server.close()
      server.closeAllConnections()
    },
  }
}
