// What a signed-in caller may ask for: everything, only to read, or nothing but their own account.
import type { FastifyRequest } from 'fastify'
import { signedIn } from './credentials.ts'
import { RefusedError } from './refused.ts'
import { mayRead, mayWrite } from './roles.ts'

/** Their own account: anybody may look at it, change its password and keep tokens. */
const OWN = /^\/api\/(me|password|tokens)(\/|$)/

/** Throws RefusedError 403 where the caller's roles, or the reach of a group's admin key, do not go so far. */
export const checkRights = (request: FastifyRequest): void => {
  const user = signedIn(request)
  const path = request.url.split('?', 1)[0] ?? ''
  if (request.keyGroup) {
    if (path.startsWith('/apisix/admin/')) return
    throw new RefusedError(403, 'a gateway group admin key reaches only /apisix/admin of its group')
  }
  if (OWN.test(path)) return
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead ? mayRead(user) : mayWrite(user)) return
  throw new RefusedError(403, `${user.username} has no role that may ${isRead ? 'read' : 'change'} this`)
}
