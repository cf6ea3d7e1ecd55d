// The HTTP server both programs build on: limits, one access line a request, and an end within two seconds.
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

/** Longer than the 60 s for which OpenResty pools its connections: a reused one must not meet a closing one. */
const KEEP_ALIVE_MS = 76_000
/** Gateways may send 32 MB of metrics at once. */
const BODY_BYTES = 32 * 1024 * 1024
/** What a request may still take once the program was told to stop. */
const DRAIN_MS = 1_500

/** A server without routes. It never times a request out: a watch is a request that lasts. */
export const httpServer = (log: Logger): FastifyInstance => {
  const server = fastify({
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    connectionTimeout: 0,
    bodyLimit: BODY_BYTES,
    // A request that arrives on a kept-alive connection while the server drains is answered, not refused.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })
  server.addHook('onResponse', async (request, reply) => {
    const line = { method: request.method, path: pathOf(request.url), status: reply.statusCode }
    log.info({ ...line, ms: Number(reply.elapsedTime.toFixed(1)) }, 'request')
  })
  closeConnectionsWhileDraining(server)
  return server
}

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
