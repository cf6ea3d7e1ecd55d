// What belongs to a service in etcd, and where a published object stands: apart for Dashboards, and for gateways.
import { type Body, gatewayView, type Kind, type Published } from '../dashboard/published-object.ts'
import type { Target } from '../store.ts'
import type { Draft } from './changes.ts'
import type { Etcd } from './etcd.ts'

/** etcd takes 128 operations a transaction, and an object that goes is three: its two keys and its audit entry. */
const MOST_AT_ONCE = 40

/** As many as fit into one transaction beside the service itself, and whether that is all of them. */
export const batchOf = <Item>(items: readonly Item[]): { readonly some: readonly Item[]; readonly isAll: boolean } => ({
  some: items.slice(0, MOST_AT_ONCE),
  isAll: items.length <= MOST_AT_ONCE,
})

/** What Dashboards read. */
export const keyOf = ({ keys }: Etcd, { group, kind, id }: Target): string => keys.published(group.id, kind, id)

/** What gateways read. */
export const gatewayKeyOf = ({ group, kind, id }: Target): string => `${group.keyPrefix}/${kind}/${id}`

/** The routes and upstreams of a service; one that joins or leaves meanwhile makes the change be drawn up again. */
export const ownedBy = async (
  etcd: Etcd,
  draft: Draft,
  service: Target,
): Promise<readonly { readonly target: Target; readonly name: string }[]> => {
  const kinds = await Promise.all(
    (['routes', 'upstreams'] as const).map(async (kind) =>
      (await ofService(etcd, draft, service, kind)).map(({ id, body }) => ({
        target: { group: service.group, kind, id },
        name: body.name,
      })),
    ),
  )
  return kinds.flat()
}

/** Routes whose view for gateways is not what it is to be with this body of their service. */
export const staleRoutes = async (
  etcd: Etcd,
  draft: Draft,
  service: Target,
  body: Body,
): Promise<readonly { readonly key: string; readonly view: string }[]> => {
  const routes = await ofService(etcd, draft, service, 'routes')
  if (routes.length === 0) return []
  const views = await draft.list<object>(`${service.group.keyPrefix}/routes/`)
  return routes
    .map((route) => ({
      key: gatewayKeyOf({ group: service.group, kind: 'routes', id: route.id }),
      view: JSON.stringify(gatewayView('routes', route, body)),
    }))
    .filter(({ key, view }) => JSON.stringify(views.get(key)) !== view)
}

const ofService = async (
  { keys }: Etcd,
  draft: Draft,
  { group, id }: Target,
  kind: Kind,
): Promise<readonly Published[]> => {
  const all = await draft.list<Published>(keys.allPublished(group.id, kind))
  return [...all.values()].filter(({ body }) => body.service_id === id)
}
