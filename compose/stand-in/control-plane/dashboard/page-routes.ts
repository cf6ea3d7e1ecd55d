// The Dashboard's pages by path, and who may see them: without a session, only the one to sign in on.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { signIn, signOut } from './account-api.ts'
import { sessionIdOf } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { firstStepPages, firstSteps, isWithoutRole } from './first-steps.ts'
import { findGroup } from './gateway-groups.ts'
import { addressesOf } from './gateways-api.ts'
import { organizationPages } from './organization-page-routes.ts'
import { HOME, ownPath, show, showInside } from './page-reply.ts'
import { servicePath, servicesPath } from './pages/addresses.ts'
import { settingsContent } from './pages/groups-page.ts'
import { instancesContent } from './pages/instances-page.ts'
import { routeContent } from './pages/route-page.ts'
import { serviceContent, servicesContent } from './pages/service-pages.ts'
import { signInPage } from './pages/sign-in-page.ts'
import { readPublished } from './published.ts'
import { RefusedError } from './refused.ts'
import { memberOf, pathPartOf, queryOf } from './request-parts.ts'

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
  const { sessions } = dashboard
  const nextStep = firstSteps(dashboard)
  server.addHook('onRequest', async (request, reply) => {
    const sessionId = sessionIdOf(request)
    request.user = (sessionId && (await sessions.find(sessionId))) || null
    if (!request.user) return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 302)
    const step = await nextStep(request)
    if (step) return reply.redirect(step, 302)
  })
  firstStepPages(server, dashboard)
  server.register(async (inside) => {
    inside.addHook('onRequest', async (request) => {
      if (isWithoutRole(request))
        throw new RefusedError(403, 'You have no role yet: somebody has to assign one to you.')
    })
    inside.get('/', async (_request, reply) => reply.redirect(HOME, 302))
    groupPages(inside, dashboard)
    organizationPages(inside, dashboard)
  })
}

const groupPages = (server: FastifyInstance, { store, settings }: Dashboard): void => {
  const inside = showInside(settings.nodeName)
  const groupOf = (request: FastifyRequest) => findGroup(store, pathPartOf(request, 'group'))
  server.get('/gateway_groups/:group/published_services', async (request, reply) => {
    const group = await groupOf(request)
    const { list } = await store.published.list({ group, kind: 'services' }, EVERYTHING)
    const frame = { title: 'Published Services', section: 'Published Services', group } as const
    return inside(request, reply, frame, servicesContent(group.id, list))
  })
  server.get('/gateway_groups/:group/published_services/:service', async (request, reply) => {
    const group = await groupOf(request)
    const service = await readPublished(store, { group, kind: 'services', id: pathPartOf(request, 'service') })
    const { list } = await store.published.list({ group, kind: 'routes', serviceId: service.id }, EVERYTHING)
    const trail = [{ name: 'Services', href: servicesPath(group.id) }]
    const frame = { title: service.body.name, section: 'Published Services', group, trail } as const
    return inside(request, reply, frame, serviceContent(group.id, service, list))
  })
  server.get('/gateway_groups/:group/published_services/:service/routes/:route', async (request, reply) => {
    const group = await groupOf(request)
    const service = await readPublished(store, { group, kind: 'services', id: pathPartOf(request, 'service') })
    const route = await readPublished(store, { group, kind: 'routes', id: pathPartOf(request, 'route') })
    const trail = [
      { name: 'Services', href: servicesPath(group.id) },
      { name: `Service ${service.body.name}`, href: servicePath(group.id, service.id) },
    ]
    const frame = { title: route.body.name, section: 'Published Services', group, trail } as const
    return inside(request, reply, frame, routeContent(group.id, route))
  })
  server.get('/gateway_groups/:group/gateway_instances', async (request, reply) => {
    const group = await groupOf(request)
    const { areKnown } = store.instances
    const frame = { title: 'Gateway Instances', section: 'Gateway Instances', group } as const
    const content = instancesContent(await store.instances.list(group), { areKnown, group: group.id })
    return inside(request, reply, frame, content)
  })
  server.get('/gateway_groups/:group/gateway_settings', async (request, reply) => {
    const group = await groupOf(request)
    const frame = { title: 'Gateway Settings', section: 'Gateway Settings', group } as const
    return inside(request, reply, frame, settingsContent(group, await addressesOf(store)))
  })
}
