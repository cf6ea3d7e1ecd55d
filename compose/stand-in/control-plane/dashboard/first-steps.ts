// What stands between a first sign-in and the pages: a password of one's own, and a licence.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredUser } from '../store.ts'
import { signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { ownPath, show } from './page-reply.ts'
import { activatePage, changePasswordPage } from './pages/first-steps-pages.ts'
import { queryOf } from './request-parts.ts'
import { mayRead, mayWrite } from './roles.ts'

const PASSWORD_PATH = '/change_password'
const LICENSE_PATH = '/activate'

/** Where a request has to go first; undefined when nothing is left to do. */
export type NextStep = (request: FastifyRequest) => Promise<string | undefined>

/** Both steps can be passed through the Admin API beforehand, as operators do: then nobody sees these pages. */
export const firstSteps = ({ store, settings }: Dashboard): NextStep => {
  // A licence never goes away again, so it is asked for only until it is there.
  let isActivated = false
  return async (request) => {
    const path = request.url.split('?', 1)[0]
    if (path === PASSWORD_PATH || path === LICENSE_PATH) return undefined
    const user = signedIn(request)
    const next = `?next=${encodeURIComponent(request.url)}`
    if (settings.forcesPasswordChange && (await store.users.find(user.username))?.hasDefaultPassword)
      return PASSWORD_PATH + next
    isActivated ||= (await store.license.read()) !== undefined
    return isActivated || !mayWrite(user) ? undefined : LICENSE_PATH + next
  }
}

/** The pages of both steps. The first is also where anybody changes their password later. */
export const firstStepPages = (server: FastifyInstance, { store }: Dashboard): void => {
  server.get(PASSWORD_PATH, async (request, reply) => {
    const user = await store.users.find(signedIn(request).username)
    return show(reply, changePasswordPage({ next: nextOf(request), mustSayOld: !isDefault(user) }))
  })
  server.get(LICENSE_PATH, async (request, reply) => show(reply, activatePage(nextOf(request))))
}

const isDefault = (user: StoredUser | undefined): boolean => user?.hasDefaultPassword === true

const nextOf = (request: FastifyRequest): string => ownPath(queryOf(request).next)

/** Somebody without any role sees this page and no other. */
export const isWithoutRole = (request: FastifyRequest): boolean => !mayRead(signedIn(request))
