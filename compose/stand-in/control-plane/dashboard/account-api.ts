// The Admin API about the caller: signing in and out, password, tokens; and the version and the license.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { KeptToken, StoredUser, User } from '../store.ts'
import { clearSessionCookie, sessionIdOf, setSessionCookie, signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { licenseView } from './license.ts'
import { pageOf } from './paging.ts'
import { RefusedError } from './refused.ts'
import { memberOf, pathPartOf, queryOf, textOf } from './request-parts.ts'
import { changePassword, checkPassword, makeToken } from './users.ts'

/** The vendor's version whose contract this stand-in keeps. */
const VERSION = 'v3.10.5'
const DEFAULT_PASSWORD_WARNING = 'the default password is in use: change it'

/** Calls that need nobody to be signed in. */
export const openApi = (api: FastifyInstance, dashboard: Dashboard): void => {
  api.get('/api/version', async () => ({ value: VERSION }))
  api.post('/api/login', async (request, reply) => {
    const user = await signIn(dashboard, reply, textOf(request, 'username'), textOf(request, 'password'))
    if (!user) throw new RefusedError(401, 'wrong username or password')
    return { value: view(user), ...(user.hasDefaultPassword ? { warning_msg: DEFAULT_PASSWORD_WARNING } : {}) }
  })
  api.post('/api/logout', async (request, reply) => {
    await signOut(dashboard, reply, sessionIdOf(request))
    return {}
  })
}

/** Calls of somebody who is signed in. */
export const accountApi = (api: FastifyInstance, { store }: Dashboard): void => {
  api.get('/api/me', async (request) => ({ value: view(signedIn(request)) }))
  api.put('/api/password', async (request) => {
    const old = memberOf(request, 'old_password')
    const change = {
      oldPassword: typeof old === 'string' ? old : undefined,
      newPassword: textOf(request, 'new_password'),
    }
    await changePassword(store, signedIn(request), change)
    return {}
  })
  api.post('/api/tokens', async (request) => {
    const expiresAt = memberOf(request, 'expires_at') ?? 0
    if (typeof expiresAt !== 'number' || expiresAt < 0)
      throw new RefusedError(400, 'expires_at: expected epoch seconds, or 0')
    return { value: await makeToken(store, signedIn(request), { name: textOf(request, 'name'), expiresAt }) }
  })
  api.get('/api/tokens', async (request) => {
    const list = (await store.tokens.list(signedIn(request))).map(tokenView)
    return { list, total: list.length }
  })
  api.delete('/api/tokens/:token', async (request) => {
    await store.tokens.remove(pathPartOf(request, 'token'), signedIn(request))
    return {}
  })
  api.get('/api/audit_logs', async (request) => await store.audit.list(pageOf(queryOf(request))))
  licenseApi(api, store)
}

/** Begins a session when the password is right. */
export const signIn = async (
  { store, sessions }: Dashboard,
  reply: FastifyReply,
  username: string,
  password: string,
): Promise<StoredUser | undefined> => {
  const user = await checkPassword(store, username, password)
  if (user) setSessionCookie(reply, await sessions.begin(user))
  return user
}

/** Ends the session, if there is one. */
export const signOut = async (
  { sessions }: Dashboard,
  reply: FastifyReply,
  sessionId: string | undefined,
): Promise<void> => {
  if (sessionId) await sessions.end(sessionId)
  clearSessionCookie(reply)
}

const view = ({ id, username, roles }: User): object => ({ id, username, roles })

const tokenView = ({ id, name, createdAt, expiresAt }: KeptToken): object => ({
  id,
  name,
  created_at: createdAt,
  expires_at: expiresAt,
})

const licenseApi = (api: FastifyInstance, store: Dashboard['store']): void => {
  api.get('/api/license', async () => {
    const license = licenseView(await store.license.read())
    if (license) return { value: license }
    throw new RefusedError(404, 'license is not activated: upload one with PUT /api/license')
  })
  api.put('/api/license', async (request) => {
    const data = textOf(request, 'data')
    if (queryOf(request)['dry-run'] === undefined) await store.license.write(data)
    return { value: licenseView(data) }
  })
}
