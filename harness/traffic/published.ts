// What is published in the gateway group of callers: its services and routes, by the Admin API.
import { EnvironmentError } from '../time/errors.ts'
import { CALLED_GROUP } from '../topology/called-route.ts'
import { type AdminAnswer, type AdminApi, expectOk, type Item, listOf, type Method } from './admin-api.ts'

/** The Admin API about one gateway group. All throw EnvironmentError where it does not say which that is or what is in it, and reject where nobody answers. */
export interface Published {
  /** The group's id: asked for until it is known, and then kept, since nobody may read a list while the database is away. */
  group(): Promise<string>
  /** `path` is 'routes' or 'routes/7'. */
  call(method: Method, path: string, body?: unknown): Promise<AdminAnswer>
  services(): Promise<readonly Item[]>
  /** Those of one service, which API7 wants to be told; of all where nothing is said. */
  routes(serviceId?: string): Promise<readonly Item[]>
}

export const publishedBy = (api: AdminApi): Published => {
  let known: string | undefined
  const group = async (): Promise<string> => {
    known ??= await groupOf(api)
    return known
  }
  const list = async (what: 'services' | 'routes', query = ''): Promise<readonly Item[]> =>
    listOf(expectOk(await api.call('GET', listPath(what, await group(), query)), `list ${what}`))
  return {
    group,
    call: async (method, path, body) =>
      api.call(method, `/apisix/admin/${path}?gateway_group_id=${await group()}`, body),
    services: () => list('services'),
    routes: (serviceId) => list('routes', serviceId === undefined ? '' : `&service_id=${serviceId}`),
  }
}

/** Where the services of a group are listed. */
export const servicesPath = (group: string): string => listPath('services', group)

const listPath = (what: 'services' | 'routes', group: string, query = ''): string =>
  `/apisix/admin/${what}?gateway_group_id=${group}${query}&page_size=500`

/** By its name: the id is `default` as well in some installations, and a UUID in others. Where nobody knows of groups, the name is all there is. */
const groupOf = async (api: AdminApi): Promise<string> => {
  const asked = await api.call('GET', `/api/gateway_groups?name=${CALLED_GROUP}`)
  if (asked.status === 404) return CALLED_GROUP
  const all = listOf(expectOk(asked, 'list gateway groups'))
  const found = all.find(({ name }) => name === CALLED_GROUP)
  if (found) return found.id
  throw new EnvironmentError(
    `There is no gateway group '${CALLED_GROUP}': there are ${all.map(({ name }) => name).join(', ') || 'none'}.`,
    { code: 'ERR_NO_GROUP' },
  )
}
