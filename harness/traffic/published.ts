// What is published in the gateway group of callers: its services and routes, by the Admin API.
import { type AdminAnswer, type AdminApi, expectOk, type Item, listOf, type Method } from './admin-api.ts'

/** The Admin API about one gateway group. Lists throw EnvironmentError where it does not say; all reject where nobody answers. */
export interface Published {
  /** `path` is 'routes' or 'routes/7'. */
  call(method: Method, path: string, body?: unknown): Promise<AdminAnswer>
  services(): Promise<readonly Item[]>
  /** Those of one service, which API7 wants to be told; of all where nothing is said. */
  routes(serviceId?: string): Promise<readonly Item[]>
}

const GROUP = 'gateway_group_id=default'

/** The services of a group, as its Dashboard lists them, too. */
export const SERVICES_PATH = `/apisix/admin/services?${GROUP}&page_size=500`

export const publishedBy = (api: AdminApi): Published => {
  const list = async (what: 'services' | 'routes', query = ''): Promise<readonly Item[]> =>
    listOf(expectOk(await api.call('GET', `/apisix/admin/${what}?${GROUP}${query}&page_size=500`), `list ${what}`))
  return {
    call: (method, path, body) => api.call(method, `/apisix/admin/${path}?${GROUP}`, body),
    services: () => list('services'),
    routes: (serviceId) => list('routes', serviceId === undefined ? '' : `&service_id=${serviceId}`),
  }
}
