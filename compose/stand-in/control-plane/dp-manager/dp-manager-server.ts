// Puts the DP Manager together: the etcd calls gateways make, their heartbeats, and health.
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Database, DatabaseAwayError } from '../database.ts'
import { httpServer } from '../http-server.ts'
import { type Running, startProgram } from '../program.ts'
import { hasSchema } from '../schema.ts'
import type { Settings } from '../settings.ts'
import { type ChangeFeed, openChangeFeed } from './change-feed.ts'
import { asked, createRequestOf, errorAnswer, header, putOf, rangeAnswer } from './etcd-messages.ts'
import { heartbeatCalls } from './heartbeat.ts'
import { readRange } from './keyspace.ts'
import { startWatch, streamOver } from './watch.ts'

/** etcd's version whose protocol this keeps; gateways ask for at least 3.4.0. */
const VERSION = { etcdserver: '3.4.23', etcdcluster: '3.4.0' }
const HEALTH_LIMIT_MS = 1_000
const GRPC = { invalidArgument: 3, permissionDenied: 7, internal: 13, unavailable: 14 }
const SOCKET_KEEP_ALIVE_MS = 10_000

/** Starts a DP Manager: listening at once, ready as soon as a Dashboard has made the schema. */
export const startDpManager = (settings: Settings): Promise<Running> =>
  startProgram('dp-manager', settings, (database, log) => {
    let feed: ChangeFeed | undefined
    return {
      server: serverOf(database, () => feed, log),
      async prepare() {
        if (!(await hasSchema(database)))
          throw new Error('The schema is not there yet: a Dashboard makes it at its start.')
        feed ??= await openChangeFeed(database, settings.databaseUrl, log)
      },
      close: async () => await feed?.close(),
    }
  })

const serverOf = (database: Database, feedNow: () => ChangeFeed | undefined, log: Logger): FastifyInstance => {
  const server = httpServer(log)
  acceptAnything(server)
  server.setErrorHandler((error, request, reply) => {
    const isAway = error instanceof DatabaseAwayError
    const status = isAway ? 503 : isBadRequest(error) ? 400 : 500
    const message = error instanceof Error ? error.message : String(error)
    if (!isAway) log.error({ path: request.url.split('?', 1)[0], status, why: message }, 'call failed')
    const code = isAway ? GRPC.unavailable : status === 400 ? GRPC.invalidArgument : GRPC.internal
    return reply.code(status).send(errorAnswer(code, message))
  })
  server.get('/version', async () => VERSION)
  for (const path of ['/healthz', '/health']) {
    server.get(path, async (_request, reply) => {
      const isWell = feedNow() !== undefined && (await database.isWell(HEALTH_LIMIT_MS))
      return reply.code(isWell ? 200 : 503).send({ health: String(isWell), status: isWell ? 'ok' : 'error' })
    })
  }
  server.register(async (rest) => {
    rest.addHook('onRequest', async () => {
      if (!feedNow()) throw new DatabaseAwayError('the schema is not there yet')
    })
    etcdCalls(rest, database, feedNow)
    heartbeatCalls(rest, database)
  })
  return server
}

const etcdCalls = (server: FastifyInstance, database: Database, feedNow: () => ChangeFeed | undefined): void => {
  const watches = new Set<() => void>()
  // A watch never ends by itself. The response just ends: gateways then watch the next endpoint at once.
  server.addHook('preClose', async () => {
    for (const end of [...watches]) end()
  })
  server.post('/v3/kv/range', async (request) => {
    const range = asked(request.body)
    return rangeAnswer(range, await readRange(database, range))
  })
  server.post('/v3/kv/put', async (request, reply) => {
    const { key, value } = putOf(request.body)
    // Gateways put the directory markers at their start. They are there already; nothing else is a gateway's to write.
    if (value === 'init_dir' && key.endsWith('/'))
      return { header: header((await readRange(database, asked({}))).revision) }
    return reply.code(403).send(errorAnswer(GRPC.permissionDenied, 'etcdserver: permission denied'))
  })
  server.post('/v3/watch', async (request, reply) => {
    const feed = feedNow()
    const wanted = createRequestOf(request.body)
    if (!feed || wanted === undefined)
      return reply.code(400).send(errorAnswer(GRPC.invalidArgument, 'create_request is missing'))
    request.raw.socket.setKeepAlive(true, SOCKET_KEEP_ALIVE_MS)
    const end = (): void => {
      reply.raw.end()
    }
    let isGone = false
    let stop = (): void => {
      isGone = true
    }
    reply.raw.on('close', () => {
      watches.delete(end)
      stop()
    })
    const open = () => {
      reply.hijack()
      watches.add(end)
      return streamOver(reply.raw)
    }
    const stopWatch = await startWatch(database, feed, asked(wanted), open)
    stop = stopWatch
    if (isGone) stopWatch()
    return reply
  })
}

/** Gateways send no Content-Type at all, so whatever it is, and if it is none, the body is JSON. */
const acceptAnything = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers()
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, text, done) => {
    if (text.length === 0) done(null, undefined)
    else parse(request, text.toString(), done)
  })
}

const isBadRequest = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500
