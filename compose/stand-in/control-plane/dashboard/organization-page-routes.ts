// The pages about the whole installation: groups, licence, tokens, users and the audit log.
import type { FastifyInstance } from 'fastify'
import { signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { licenseView } from './license.ts'
import { showInside } from './page-reply.ts'
import { auditContent } from './pages/audit-page.ts'
import { groupsContent } from './pages/groups-page.ts'
import { licenseContent, tokensContent } from './pages/organization-pages.ts'
import { usersContent } from './pages/users-page.ts'

const EVERYTHING = { limit: 500, offset: 0 }

export const organizationPages = (server: FastifyInstance, { store, settings }: Dashboard): void => {
  const inside = showInside(settings.nodeName)
  server.get('/gateway_groups', async (request, reply) => {
    const { list } = await store.groups.list({}, EVERYTHING)
    return inside(request, reply, { title: 'Gateway Groups', section: 'Gateway Groups' }, groupsContent(list))
  })
  server.get('/organization/license', async (request, reply) => {
    const license = licenseView(await store.license.read())
    return inside(request, reply, { title: 'License', section: 'License' }, licenseContent(license))
  })
  server.get('/organization/tokens', async (request, reply) => {
    const content = tokensContent(await store.tokens.list(signedIn(request)), Date.now() / 1_000)
    return inside(request, reply, { title: 'Tokens', section: 'Tokens' }, content)
  })
  server.get('/organization/users', async (request, reply) => {
    const { list } = await store.users.list(EVERYTHING)
    return inside(request, reply, { title: 'Users', section: 'Users' }, usersContent(list))
  })
  server.get('/audit_log', async (request, reply) => {
    const { list } = await store.audit.list({ limit: 100, offset: 0 })
    return inside(request, reply, { title: 'Audit Log', section: 'Audit Log' }, auditContent(list))
  })
}
