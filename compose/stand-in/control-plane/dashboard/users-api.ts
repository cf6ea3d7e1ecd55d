// The Admin API about who may sign in, and what each may do.
import type { FastifyInstance } from 'fastify'
import type { StoredUser } from '../store.ts'
import { signedIn } from './credentials.ts'
import type { Dashboard } from './dashboard-server.ts'
import { pageOf } from './paging.ts'
import { RefusedError } from './refused.ts'
import { operatorOf, pathPartOf, queryOf, textOf, textsOf } from './request-parts.ts'
import { isRole, ROLES } from './roles.ts'
import { inviteUser } from './users.ts'

/** The user every installation begins with: without it nobody might be left who can let anybody in. */
const FIRST_USER = 'admin'

export const usersApi = (api: FastifyInstance, { store, settings }: Dashboard): void => {
  api.get('/api/users', async (request) => {
    const { list, total } = await store.users.list(pageOf(queryOf(request)))
    return { list: list.map(userView), total }
  })
  api.get('/api/roles', async () => ({ list: ROLES.map(([id, name]) => ({ id, name })), total: ROLES.length }))
  api.post('/api/invites', async (request) => {
    const wanted = { username: textOf(request, 'username'), password: textOf(request, 'password') }
    return { value: userView(await inviteUser(store, wanted, operatorOf(request, settings.nodeName))) }
  })
  api.put('/api/users/:user/assigned_roles', async (request) => {
    const id = pathPartOf(request, 'user')
    const roles = textsOf(request, 'roles')
    const unknown = roles.find((role) => !isRole(role))
    if (unknown !== undefined) throw new RefusedError(400, `role '${unknown}' is not there`)
    if (id === FIRST_USER) throw new RefusedError(400, 'the roles of the first user cannot be changed')
    await store.users.assignRoles(id, roles, operatorOf(request, settings.nodeName))
    return {}
  })
  api.delete('/api/users/:user', async (request) => {
    const id = pathPartOf(request, 'user')
    if (id === FIRST_USER) throw new RefusedError(400, 'the first user cannot be deleted')
    if (id === signedIn(request).id) throw new RefusedError(400, 'nobody can delete themselves')
    await store.users.remove(id, operatorOf(request, settings.nodeName))
    return {}
  })
}

const userView = ({ id, username, roles, hasDefaultPassword }: StoredUser): object => ({
  id,
  username,
  roles,
  must_change_password: hasDefaultPassword,
})
