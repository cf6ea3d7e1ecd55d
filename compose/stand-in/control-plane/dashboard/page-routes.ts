// The Dashboard's pages by path, and who may see them: without a session, only the one to sign in on.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { listInstances } from '../instances.ts'
import { signIn, signOut } from './account-api.ts'
import { readAudit } from './audit.ts'
import { sessionIdOf, signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { findGroup } from './gateway-groups.ts'
import { auditContent } from './pages/audit-page.ts'
import type { Html } from './pages/html.ts'
import { instancesContent } from './pages/instances-page.ts'
import { CONTENT_SECURITY_POLICY, type Frame, insidePage } from './pages/layout.ts'
import { routeContent } from './pages/route-page.ts'
import { serviceContent, servicePath, servicesContent, servicesPath } from './pages/service-pages.ts'
import { signInPage } from './pages/sign-in-page.ts'
import { listPublished, readPublished } from './published.ts'
import { memberOf, pathPartOf, queryOf } from './request-parts.ts'

const HOME = '/gateway_groups/default/published_services'
const EVERYTHING = { limit: 500, offset: 0 }

/** Signing in and out. */
export const openPages = (server: FastifyInstance, dashboard: Dashboard): void => {
  const node = dashboard.settings.nodeName
  server.get('/login', async (request, reply) =>
    show(reply, signInPage({ next: ownPath(queryOf(request).next), node })),
  )
  server.post('/login', async (request, reply) => {
    const username = String(memberOf(request, 'username') ?? '')
    const next = ownPath(memberOf(request, 'next'))
    const user = await signIn(dashboard, reply, username, String(memberOf(request, 'password') ?? ''))
    if (user) return reply.redirect(next, 302)
    const problem = 'Wrong username or password'
    return show(reply.code(401), signInPage({ next, username, problem, node }))
  })
  server.post('/logout', async (request, reply) => {
    await signOut(dashboard, reply, sessionIdOf(request))
    return reply.redirect('/login', 302)
  })
}

/** Pages of somebody who is signed in. */
export const pages = (server: FastifyInstance, dashboard: Dashboard): void => {
  const { database, sessions } = dashboard
  server.addHook('onRequest', async (request, reply) => {
    const sessionId = sessionIdOf(request)
    request.user = (sessionId && (await sessions.find(sessionId))) || null
    if (!request.user) return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 302)
  })
  const groupOf = (request: FastifyRequest) => findGroup(database, pathPartOf(request, 'group'))
  const inside = (
    request: FastifyRequest,
    reply: FastifyReply,
    frame: Omit<Frame, 'username' | 'node'>,
    content: Html,
  ) =>
    show(
      reply,
      insidePage({ ...frame, username: signedIn(request).username, node: dashboard.settings.nodeName }, content),
    )

  server.get('/', async (_request, reply) => reply.redirect(HOME, 302))
  server.get('/gateway_groups/:group/published_services', async (request, reply) => {
    const group = await groupOf(request)
    const { list } = await listPublished(database, { group, kind: 'services' }, EVERYTHING)
    const frame = { title: 'Published Services', section: 'Published Services' } as const
    return inside(request, reply, frame, servicesContent(group.id, list))
  })
  server.get('/gateway_groups/:group/published_services/:service', async (request, reply) => {
    const group = await groupOf(request)
    const service = await readPublished(database, { group, kind: 'services', id: pathPartOf(request, 'service') })
    const { list } = await listPublished(database, { group, kind: 'routes', serviceId: service.id }, EVERYTHING)
    const trail = [{ name: 'Services', href: servicesPath(group.id) }]
    const frame = { title: service.body.name, section: 'Published Services', trail } as const
    return inside(request, reply, frame, serviceContent(group.id, service, list))
  })
  server.get('/gateway_groups/:group/published_services/:service/routes/:route', async (request, reply) => {
    const group = await groupOf(request)
    const service = await readPublished(database, { group, kind: 'services', id: pathPartOf(request, 'service') })
    const route = await readPublished(database, { group, kind: 'routes', id: pathPartOf(request, 'route') })
    const trail = [
      { name: 'Services', href: servicesPath(group.id) },
      { name: `Service ${service.body.name}`, href: servicePath(group.id, service.id) },
    ]
    const frame = { title: route.body.name, section: 'Published Services', trail } as const
    return inside(request, reply, frame, routeContent(group.id, route))
  })
  server.get('/gateway_groups/:group/gateway_instances', async (request, reply) => {
    const instances = await listInstances(database, (await groupOf(request)).id)
    const frame = { title: 'Gateway Instances', section: 'Gateway Instances' } as const
    return inside(request, reply, frame, instancesContent(instances))
  })
  server.get('/audit_log', async (request, reply) => {
    const { list } = await readAudit(database, { limit: 100, offset: 0 })
    return inside(request, reply, { title: 'Audit Log', section: 'Audit Log' }, auditContent(list))
  })
}

const show = (reply: FastifyReply, page: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .send(page)

/** A path on this server; anything else, such as another site's address, becomes the first page. */
const ownPath = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) && !next.startsWith('/login') ? next : HOME
