// Puts the Dashboard together: health, Admin API, pages, and one answer for everything that goes wrong.
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { compact } from '../configuration.ts'
import { type Database, DatabaseAwayError } from '../database.ts'
import { httpServer } from '../http-server.ts'
import { type Running, startProgram } from '../program.ts'
import { migrate } from '../schema.ts'
import type { Settings } from '../settings.ts'
import { accountApi, openApi } from './account-api.ts'
import { userBehind } from './credentials.ts'
import { groupsApi } from './groups-api.ts'
import { openPages, pages } from './page-routes.ts'
import { publishedApi } from './published-api.ts'
import { RefusedError } from './refused.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { answerError } from './went-wrong.ts'

/** What the parts of the Dashboard share. */
export interface Dashboard {
  readonly database: Database
  readonly sessions: Sessions
  readonly settings: Settings
}

/** Turns true once the schema is there; until then nothing but the health check is worth asking. */
interface Readiness {
  isReady: boolean
}

const HEALTH_LIMIT_MS = 1_000
const COMPACT_EVERY_MS = 300_000

/** Starts a Dashboard: listening at once, ready as soon as PostgreSQL answers and the schema is there. */
export const startDashboard = (settings: Settings): Promise<Running> =>
  startProgram('dashboard', settings, (database, log) => {
    const dashboard = { database, settings, sessions: openSessions(database, settings.sessionStore) }
    const readiness: Readiness = { isReady: false }
    const compacting = setInterval(() => {
      compact(database).catch((error: Error) => log.warn({ why: error.message }, 'old history was not removed'))
    }, COMPACT_EVERY_MS)
    return {
      server: serverOf(dashboard, readiness, log),
      async prepare() {
        await migrate(database, settings.adminPassword)
        readiness.isReady = true
      },
      async close() {
        clearInterval(compacting)
      },
    }
  })

const serverOf = (dashboard: Dashboard, readiness: Readiness, log: Logger): FastifyInstance => {
  const server = httpServer(log)
  server.register(cookie, { secret: dashboard.settings.sessionSecret })
  server.register(formbody)
  acceptJson(server)
  server.decorateRequest('user', null)
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  server.setErrorHandler((error, request, reply) => answerError(error, request, reply, log))
  server.setNotFoundHandler((request) => {
    throw new RefusedError(404, `there is no ${request.method} ${request.url.split('?', 1)[0]}`)
  })
  server.get('/healthz', async (_request, reply) => {
    const isWell = readiness.isReady && (await dashboard.database.isWell(HEALTH_LIMIT_MS))
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
    api.addHook('onRequest', async (request) => {
      request.user = (await userBehind(request, dashboard)) ?? null
      if (!request.user) throw new RefusedError(401, 'not signed in, or no longer')
    })
    accountApi(api, dashboard)
    groupsApi(api, dashboard)
    publishedApi(api, dashboard)
  })
  rest.register(async (inside) => pages(inside, dashboard))
}

/** JSON in any of its names; an empty body is no body, whatever its Content-Type promised. */
const acceptJson = (server: FastifyInstance): void => {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser(/^application\/([\w.-]+\+)?json/, { parseAs: 'string' }, (request, text, done) => {
    if (text.length === 0) done(null, undefined)
    else parse(request, text.toString(), done)
  })
}
