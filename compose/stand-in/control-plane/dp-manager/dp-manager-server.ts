// Puts the DP Manager together: the etcd calls gateways make, their heartbeats, health, and what goes on by itself.
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { compact } from '../configuration.ts'
import { type Database, DatabaseAwayError, OutcomeUnknownError } from '../database.ts'
import { httpServer } from '../http-server.ts'
import { readAuthority } from '../installation.ts'
import { removeGone } from '../instances.ts'
import { type Running, startProgram } from '../program.ts'
import { hasSchema } from '../schema.ts'
import type { Settings } from '../settings.ts'
import type { TlsListener } from '../tls-listener.ts'
import { type Door, refuseNewerGateway } from './caller.ts'
import { type ChangeFeed, openChangeFeed } from './change-feed.ts'
import { etcdCalls } from './etcd-calls.ts'
import { EtcdError, errorAnswer, GRPC, httpStatusOf } from './etcd-error.ts'
import { openGatewayDoor } from './gateway-door.ts'
import { heartbeatCalls } from './heartbeat.ts'
import { leaseCalls } from './lease-calls.ts'
import { expireLeases } from './leases.ts'
import { repeated } from './repeated.ts'
import { type WatchSource, watchCalls } from './watch-calls.ts'
import { valuesIn } from './wire.ts'

/** etcd's version whose protocol this keeps; gateways ask for at least 3.4.0. */
const VERSION = { etcdserver: '3.4.23', etcdcluster: '3.4.0' }
const HEALTH_LIMIT_MS = 1_000
const TIDY_EVERY_MS = 300_000
/** etcd looks twice as often; a key may outlive its lease by a second here. */
const EXPIRE_EVERY_MS = 1_000

/** What a DP Manager has beside the settings of every program. */
export interface DpManagerOptions {
  /** How often a watch that asked for it hears that nothing happened. */
  readonly progressMs?: number | undefined
}

/** Starts a DP Manager: listening at once, ready as soon as a Dashboard has made the schema. */
export const startDpManager = (settings: Settings, { progressMs }: DpManagerOptions = {}): Promise<Running> =>
  startProgram(
    'dp-manager',
    settings,
    (database, log) => {
      let feed: ChangeFeed | undefined
      let listener: TlsListener | undefined
      const chores: (() => void)[] = []
      const { sessionSecret: secret, readySeesDatabase } = settings
      const source = { feedNow: () => feed, progressMs }
      log.info({ readySeesDatabase }, 'DP Manager starts')
      const server = serverOf({ door: { database, secret }, source, readySeesDatabase, log })
      return {
        server,
        async prepare() {
          const authority = (await hasSchema(database)) ? await readAuthority(database) : undefined
          if (!authority) throw new Error('The schema is not there yet: a Dashboard makes it at its start.')
          listener ??= await openGatewayDoor(server, authority, settings)
          log.info({ url: listener.url }, 'listening with TLS')
          feed ??= await openChangeFeed(database, settings.databaseUrl, log)
          if (chores.length === 0) chores.push(...choresOf(database, settings.keptRevisions, log))
        },
        async close() {
          for (const stop of chores) stop()
          await Promise.all([feed?.close(), listener?.close()])
        },
      }
    },
    // A gateway has other endpoints to ask: it is told at once that this one cannot answer.
    { retryForMs: 0 },
  )

const choresOf = (database: Database, keptRevisions: number, log: Logger): readonly (() => void)[] => [
  repeated(EXPIRE_EVERY_MS, () => expireLeases(database), log),
  repeated(TIDY_EVERY_MS, () => compact(database, keptRevisions), log),
  repeated(TIDY_EVERY_MS, () => removeGone(database), log),
]

const serverOf = ({
  door,
  source,
  readySeesDatabase,
  log,
}: {
  readonly door: Door
  readonly source: WatchSource
  readonly readySeesDatabase: boolean
  readonly log: Logger
}): FastifyInstance => {
  const server = httpServer(log)
  const isWell = async (): Promise<boolean> =>
    source.feedNow() !== undefined && (await door.database.isWell(HEALTH_LIMIT_MS))
  acceptAnything(server)
  server.setErrorHandler((error, request, reply) => {
    const { code, message } = refusalOf(error)
    if (code === GRPC.internal) log.error({ path: request.url.split('?', 1)[0], why: message }, 'call failed')
    return reply.code(httpStatusOf(code)).send(errorAnswer(code, message))
  })
  for (const path of ['/healthz', '/health']) {
    server.get(path, async (_request, reply) => {
      const health = await isWell()
      return reply.code(health ? 200 : 503).send({ health: String(health), status: health ? 'ok' : 'error' })
    })
  }
  server.register(async (gateways) => {
    gateways.addHook('onRequest', async (request) => refuseNewerGateway(request))
    // What gateways ask before they start, and each time they are asked whether they are ready.
    gateways.get('/version', async () => {
      if (readySeesDatabase && !(await isWell())) throw new DatabaseAwayError('no database answers')
      return VERSION
    })
    gateways.register(async (rest) => {
      rest.addHook('onRequest', async () => {
        if (!source.feedNow()) throw new DatabaseAwayError('the schema is not there yet')
      })
      etcdCalls(rest, door)
      leaseCalls(rest, door)
      watchCalls(rest, door, source)
      heartbeatCalls(rest, door)
    })
  })
  return server
}

const refusalOf = (error: unknown): { readonly code: number; readonly message: string } => {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof EtcdError) return { code: error.code, message }
  if (error instanceof DatabaseAwayError) return { code: GRPC.unavailable, message }
  if (error instanceof OutcomeUnknownError) return { code: GRPC.unknown, message }
  return { code: isBadRequest(error) ? GRPC.invalidArgument : GRPC.internal, message }
}

/** Gateways send no Content-Type at all, so whatever it is, and if it is none, the body is JSON, or several of them. */
const acceptAnything = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, text: string | Buffer) => {
    try {
      return valuesIn(text.toString())
    } catch (error) {
      throw new EtcdError(GRPC.invalidArgument, error instanceof Error ? error.message : String(error))
    }
  })
}

const isBadRequest = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500
