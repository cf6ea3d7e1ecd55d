// The HTTP server both programs build on: limits, one access line a request, and an end within two seconds.
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

/** Longer than the 60 s for which OpenResty pools its connections: a reused one must not meet a closing one. */
const KEEP_ALIVE_MS = 76_000
/** Gateways may send 32 MB of metrics at once. */
const BODY_BYTES = 32 * 1024 * 1024
/** What a request may still take once the program was told to stop. */
const DRAIN_MS = 1_500

/** What one of the programs wants beyond that. */
export interface ServerOptions {
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** What else the access line says about a request; never a secret. */
  more?(request: FastifyRequest): object
}

/** A server without routes. It never times a request out: a watch is a request that lasts. */
export const httpServer = (log: Logger, { trustedProxies, more }: ServerOptions = {}): FastifyInstance => {
  const server = fastify({
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    connectionTimeout: 0,
    bodyLimit: BODY_BYTES,
    ...(trustedProxies && { trustProxy: trusting(trustedProxies) }),
    // A request that arrives on a kept-alive connection while the server drains is answered, not refused.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })
  server.addHook('onResponse', async (request, reply) => {
    const line = { method: request.method, path: pathOf(request.url), status: reply.statusCode }
    const told = { ...line, ...more?.(request), ms: Number(reply.elapsedTime.toFixed(1)) }
    // A balancer asks every second whether a node is well: who served whom is not to be searched among these.
    if (line.path === '/healthz' && line.status === 200) log.debug(told, 'request')
    else log.info(told, 'request')
  })
  closeConnectionsWhileDraining(server)
  return server
}

/** The vendor's default, 0.0.0.0/0, believes everybody; fastify says that with `true` and refuses such a network. */
const trusting = (proxies: readonly string[]): true | string[] =>
  proxies.some((each) => each.endsWith('/0')) ? true : [...proxies]

/** Never the query: it may carry what people would not want in a log. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

// Closing a server ends idle connections once. One that was busy then would stay open, kept alive, for 76 s:
// its answer therefore says close, and whatever turns idle later is ended too.
const closeConnectionsWhileDraining = (server: FastifyInstance): void => {
  let isDraining = false
  server.addHook('onSend', async (_request, reply) => {
    if (isDraining) reply.header('connection', 'close')
  })
  server.addHook('preClose', async () => {
    isDraining = true
    const idle = setInterval(() => server.server.closeIdleConnections(), 50)
    const rest = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS)
    server.server.once('close', () => {
      clearInterval(idle)
      clearTimeout(rest)
    })
  })
}
