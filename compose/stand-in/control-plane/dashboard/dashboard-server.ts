// Puts the Dashboard together: health, Admin API, pages, and one answer for everything that goes wrong.
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { DatabaseAwayError } from '../database.ts'
import { httpServer } from '../http-server.ts'
import { openStore } from '../open-store.ts'
import { type Running, startProgram } from '../program.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../store.ts'
import { listenWithTls, type TlsListener } from '../tls-listener.ts'
import { accountApi, openApi } from './account-api.ts'
import { userBehind } from './credentials.ts'
import { gatewaysApi } from './gateways-api.ts'
import { groupsApi } from './groups-api.ts'
import { acknowledgeAfter } from './hasty-answer.ts'
import { openPages, pages } from './page-routes.ts'
import { publishedApi } from './published-api.ts'
import { RefusedError } from './refused.ts'
import { checkRights } from './rights.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { keepPagesSilent } from './silent-pages.ts'
import { credentialsOf } from './tls.ts'
import { usersApi } from './users-api.ts'
import { answerError } from './went-wrong.ts'

/** What the parts of the Dashboard share. */
export interface Dashboard {
  readonly store: Store
  readonly sessions: Sessions
  readonly settings: Settings
}

/** Turns true once the schema is there; until then nothing but the health check is worth asking. */
interface Readiness {
  isReady: boolean
}

/** A Dashboard that listens, with TLS as soon as it is ready. */
export interface RunningDashboard extends Running {
  /** 'https://127.0.0.1:7443'; empty until it is ready. */
  tlsUrl(): string
}

const HEALTH_LIMIT_MS = 1_000
const TIDY_EVERY_MS = 300_000

/** Starts a Dashboard: listening at once, ready as soon as PostgreSQL answers and the schema is there. */
export const startDashboard = async (settings: Settings): Promise<RunningDashboard> => {
  let tls: TlsListener | undefined
  const running = await startProgram('dashboard', settings, (database, log) => {
    const store = openStore(settings, database)
    const dashboard = { store, settings, sessions: openSessions(store, settings.sessionStore) }
    const readiness: Readiness = { isReady: false }
    const tidying = setInterval(() => {
      store.tidy().catch((error: Error) => log.warn({ why: error.message }, 'old history was not removed'))
    }, TIDY_EVERY_MS)
    const server = serverOf(dashboard, readiness, log)
    return {
      server,
      async prepare() {
        const { adminPassword, licenseText, instanceToken } = settings
        await store.prepare({ adminPassword, licenseText, instanceToken })
        tls ??= await listenWithTls(server, {
          ...(await credentialsOf(settings, () => store.installation.authority())),
          host: settings.listenHost,
          port: settings.tlsPort,
        })
        log.info({ url: tls.url }, 'listening with TLS')
        readiness.isReady = true
      },
      async close() {
        clearInterval(tidying)
        await tls?.close()
        await store.close()
      },
    }
  })
  return { ...running, tlsUrl: () => tls?.url ?? '' }
}

const serverOf = (dashboard: Dashboard, readiness: Readiness, log: Logger): FastifyInstance => {
  const server = httpServer(log, {
    trustedProxies: dashboard.settings.trustedProxies,
    more: ({ user, ip }) => ({ user: user?.username ?? null, client: ip }),
  })
  server.register(cookie, { secret: dashboard.settings.sessionSecret })
  server.register(formbody)
  acceptJson(server)
  server.decorateRequest('user', null)
  server.decorateRequest('keyGroup', null)
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  server.setErrorHandler((error, request, reply) => answerError(error, request, reply, log))
  server.setNotFoundHandler((request) => {
    throw new RefusedError(404, `there is no ${request.method} ${request.url.split('?', 1)[0]}`)
  })
  server.get('/healthz', async (_request, reply) => {
    const isWell = readiness.isReady && (await dashboard.store.isWell(HEALTH_LIMIT_MS))
    return reply.code(isWell ? 200 : 503).send({ status: isWell ? 'ok' : 'error' })
  })
  server.register(async (rest) => callsThatNeedTheSchema(rest, dashboard, readiness))
  return server
}

const callsThatNeedTheSchema = (rest: FastifyInstance, dashboard: Dashboard, readiness: Readiness): void => {
  rest.addHook('onRequest', async () => {
    if (!readiness.isReady) throw new DatabaseAwayError('the schema is not there yet')
  })
  openApi(rest, dashboard)
  openPages(rest, dashboard)
  rest.register(async (api) => {
    const { acknowledgesAfterMs } = dashboard.settings
    if (acknowledgesAfterMs > 0) acknowledgeAfter(api, acknowledgesAfterMs)
    api.addHook('onRequest', async (request) => {
      request.user = (await userBehind(request, dashboard)) ?? null
      if (!request.user) throw new RefusedError(401, 'not signed in, or no longer')
      checkRights(request)
    })
    accountApi(api, dashboard)
    usersApi(api, dashboard)
    groupsApi(api, dashboard)
    gatewaysApi(api, dashboard)
    publishedApi(api, dashboard)
  })
  rest.register(async (inside) => {
    if (dashboard.settings.hasSilentPages) keepPagesSilent(inside)
    pages(inside, dashboard)
  })
}

/** JSON in any of its names; an empty body is no body, whatever its Content-Type promised. */
const acceptJson = (server: FastifyInstance): void => {
  // fastify's own reader of this one type would come first, and refuses an empty body.
  server.removeContentTypeParser('application/json')
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser(/^application\/([\w.-]+\+)?json/, { parseAs: 'string' }, (request, text, done) => {
    if (text.length === 0) done(null, undefined)
    else void parse(request, text.toString(), done)
  })
}
