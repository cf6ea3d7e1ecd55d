// Makes what callers ask for where it is not there yet, through the Admin API, as an operator would before anything is broken.
import { CALLED_PATHS, CALLED_ROUTE, CALLED_SERVICE } from '../topology/called-route.ts'
import { expectOk, type Item } from './admin-api.ts'
import type { Published } from './published.ts'

/** The service and its route; what is there already stays as it is. Throws EnvironmentError where the Admin API would not. */
export const provision = async (
  published: Published,
  upstream: { readonly host: string; readonly port: number },
): Promise<void> => {
  const service = (await published.services()).find(({ name }) => name === CALLED_SERVICE)
  const serviceId = service?.id ?? (await createService(published, upstream)).id
  if ((await published.routes(serviceId)).some(({ name }) => name === CALLED_ROUTE)) return
  const route = {
    name: CALLED_ROUTE,
    service_id: serviceId,
    paths: CALLED_PATHS,
    desc: 'Orders, as the callers of a drill ask for them.',
  }
  expectOk(await published.call('POST', 'routes', route), 'create the route')
}

const createService = async (
  published: Published,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Item> => {
  const service = {
    name: CALLED_SERVICE,
    type: 'http',
    upstream: { name: 'default', scheme: 'http', type: 'roundrobin', nodes: [{ host, port, weight: 100 }] },
  }
  return (expectOk(await published.call('POST', 'services', service), 'create the service').body as { value: Item })
    .value
}
