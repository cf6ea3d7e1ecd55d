// How a page goes out: inside the frame, with the headers that keep everything else out of it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { signedIn } from './credentials.ts'
import type { Html } from './pages/html.ts'
import { CONTENT_SECURITY_POLICY, type Frame, insidePage } from './pages/layout.ts'
import { mayWrite } from './roles.ts'

/** A finished page. */
export const show = (reply: FastifyReply, page: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .send(page)

/** What a page says of itself; who asked and which node answers are added here. */
export type PageFrame = Omit<Frame, 'username' | 'node' | 'mayWrite'>

/** Shows content inside the frame. */
export const showInside =
  (node: string) =>
  (request: FastifyRequest, reply: FastifyReply, frame: PageFrame, content: Html): FastifyReply => {
    const user = signedIn(request)
    return show(reply, insidePage({ ...frame, username: user.username, mayWrite: mayWrite(user), node }, content))
  }

export const HOME = '/gateway_groups/default/published_services'

/** A path on this server; anything else, such as another site's address, becomes the first page. */
export const ownPath = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) && !next.startsWith('/login') ? next : HOME
