// Who is asking: an API token, HTTP Basic, or the session cookie.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayGroup, Store, User } from '../store.ts'
import type { Dashboard } from './dashboard-server.ts'
import { digest } from './passwords.ts'
import { RefusedError } from './refused.ts'
import { SESSION_SECONDS } from './sessions.ts'
import { checkPassword, userOfToken } from './users.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the credentials check of every call that needs one. */
    user: User | null
    /** Set where a group's admin key was the credential: then no other group may be touched. */
    keyGroup: GatewayGroup | null
  }
}

export const COOKIE = 'a7session'

/** The user behind a call's credentials, in the order the vendor documents them; undefined when none is good. */
export const userBehind = async (
  request: FastifyRequest,
  { store, sessions }: Dashboard,
): Promise<User | undefined> => {
  const token = request.headers['x-api-key'] ?? request.cookies['X-API-KEY']
  if (typeof token === 'string' && token.startsWith('a7adm-')) return await keyHolder(request, store, token)
  if (typeof token === 'string' && token) return await userOfToken(store, token)
  const basic = basicPair(request.headers.authorization)
  if (basic) return await checkPassword(store, basic.username, basic.password)
  const sessionId = sessionIdOf(request)
  if (!sessionId) return undefined
  refuseForeignSite(request)
  return await sessions.find(sessionId)
}

/** A group's admin key stands for nobody in particular, and for that group alone. */
const keyHolder = async (request: FastifyRequest, { groups }: Store, key: string): Promise<User | undefined> => {
  const group = await groups.findByAdminKey(digest(key))
  if (!group) return undefined
  request.keyGroup = group
  return { id: `admin_key:${group.id}`, username: `admin key of ${group.name}`, roles: ['super_admin_id'] }
}

/** The session id in the cookie, when the signature is ours. */
export const sessionIdOf = (request: FastifyRequest): string | undefined => {
  const cookie = request.cookies[COOKIE]
  if (!cookie) return undefined
  const unsigned = request.unsignCookie(cookie)
  return unsigned.valid ? unsigned.value : undefined
}

export const setSessionCookie = (reply: FastifyReply, sessionId: string): void => {
  reply.setCookie(COOKIE, sessionId, {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    maxAge: SESSION_SECONDS,
  })
}

export const clearSessionCookie = (reply: FastifyReply): void => {
  reply.clearCookie(COOKIE, { path: '/' })
}

/** The user of a checked call. Throws 401 where the check was not made, so a forgotten check cannot let anybody in. */
export const signedIn = (request: FastifyRequest): User => {
  if (request.user) return request.user
  throw new RefusedError(401, 'not signed in')
}

const basicPair = (header: string | undefined): { username: string; password: string } | undefined => {
  const encoded = /^Basic +(\S+)$/i.exec(header ?? '')?.[1]
  if (!encoded) return undefined
  const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return { username, password: rest.join(':') }
}

// SameSite=Lax keeps other sites out, but to it every port of one host is the same site; browsers tell the two apart.
const refuseForeignSite = (request: FastifyRequest): void => {
  const site = request.headers['sec-fetch-site']
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead || site === undefined || site === 'same-origin' || site === 'none') return
  throw new RefusedError(403, 'a page of another site may not change anything with this session')
}
