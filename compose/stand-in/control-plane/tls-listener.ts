// A second listener of a server, over TLS: the same routes, limits and end as the plain one.
import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import type { FastifyInstance } from 'fastify'

/** Where it listens, and how it proves who it is and asks others. */
export interface TlsOptions extends Pick<ServerOptions, 'cert' | 'key' | 'ca' | 'requestCert' | 'rejectUnauthorized'> {
  readonly host: string
  readonly port: number
}

/** A listener that runs. */
export interface TlsListener {
  /** 'https://127.0.0.1:7443' */
  readonly url: string
  /** Ends it; what is under way has as long as the plain listener gives it. */
  close(): Promise<void>
}

/** Longer than the 60 s for which OpenResty pools its connections, as on the plain port. */
const KEEP_ALIVE_MS = 76_000
const DRAIN_MS = 1_500

/** Listens with TLS for a server whose routes are ready. */
export const listenWithTls = async (server: FastifyInstance, options: TlsOptions): Promise<TlsListener> => {
  const { host, port, ...credentials } = options
  const listener = createServer({ ...credentials, minVersion: 'TLSv1.2' }, (request, response) =>
    server.routing(request, response),
  )
  Object.assign(listener, { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: KEEP_ALIVE_MS + 1_000 })
  listener.listen(port, host)
  await once(listener, 'listening')
  const address = listener.address()
  const taken = typeof address === 'object' && address ? address.port : port
  return {
    url: `https://${host}:${taken}`,
    async close() {
      const closed = once(listener, 'close')
      listener.close()
      const idle = setInterval(() => listener.closeIdleConnections(), 50)
      const rest = setTimeout(() => listener.closeAllConnections(), DRAIN_MS)
      await closed
      clearInterval(idle)
      clearTimeout(rest)
    },
  }
}
