// The Admin API about the caller: signing in and out, password, tokens; and the version and the license.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { readAudit } from './audit.ts'
import { clearSessionCookie, sessionIdOf, setSessionCookie, signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { pageOf } from './paging.ts'
import { RefusedError } from './refused.ts'
import { memberOf, queryOf, textOf } from './request-parts.ts'
import type { User } from './sessions.ts'
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
export const accountApi = (api: FastifyInstance, { database }: Dashboard): void => {
  api.get('/api/me', async (request) => ({ value: view(signedIn(request)) }))
  api.put('/api/password', async (request) => {
    const old = memberOf(request, 'old_password')
    const change = {
      oldPassword: typeof old === 'string' ? old : undefined,
      newPassword: textOf(request, 'new_password'),
    }
    await changePassword(database, signedIn(request), change)
    return {}
  })
  api.post('/api/tokens', async (request) => {
    const expiresAt = memberOf(request, 'expires_at') ?? 0
    if (typeof expiresAt !== 'number' || expiresAt < 0)
      throw new RefusedError(400, 'expires_at: expected epoch seconds, or 0')
    return { value: await makeToken(database, signedIn(request), { name: textOf(request, 'name'), expiresAt }) }
  })
  api.get('/api/audit_logs', async (request) => await readAudit(database, pageOf(queryOf(request))))
  licenseApi(api, database)
}

/** Begins a session when the password is right. */
export const signIn = async (
  { database, sessions }: Dashboard,
  reply: FastifyReply,
  username: string,
  password: string,
): Promise<(User & { readonly hasDefaultPassword: boolean }) | undefined> => {
  const user = await checkPassword(database, username, password)
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

const view = ({ id, username }: User): object => ({ id, username, roles: ['super_admin_id'] })

/** Any text is a license here: what is drilled is failover, not licensing. */
const licenseApi = (api: FastifyInstance, database: Dashboard['database']): void => {
  const license = {
    customer: 'firedrill',
    effective_at: 0,
    expired_at: 4_102_444_800,
    max_dp_cores: 1_000,
    runtime: { status: 'normal' },
  }
  api.get('/api/license', async () => ({ value: license }))
  api.put('/api/license', async (request) => {
    const data = textOf(request, 'data')
    if (queryOf(request)['dry-run'] === undefined) {
      await database.transaction((transaction) =>
        transaction.query(
          `INSERT INTO license (id, data, updated_at) VALUES (1, $1, now())
           ON CONFLICT (id) DO UPDATE SET data = $1, updated_at = now()`,
          [data],
        ),
      )
    }
    return { value: license }
  })
}
