// A published service or route, and the two views of it: the Admin API's and the gateway's.
import { pluginsOf, urisOf } from './path-prefix.ts'

/** Upstreams are those a service has beside the one it was made with; a plugin of a route chooses among them. */
export type Kind = 'services' | 'routes' | 'upstreams'

/** What a person wrote: a service or a route without its id and times. */
export interface Body {
  readonly name: string
  readonly desc: string
  readonly service_id?: string
  readonly [member: string]: unknown
}

/** A published object with what the database adds to it. Times are epoch seconds. */
export interface Published {
  readonly gateway_group_id: string
  readonly id: string
  readonly body: Body
  readonly created_at: number
  readonly updated_at: number
}

const TITLES: Readonly<Record<Kind, string>> = { services: 'Service', routes: 'Route', upstreams: 'Upstream' }

/** 'Service', 'Route' or 'Upstream', for people. */
export const titleOf = (kind: Kind): string => TITLES[kind]

/** The Admin API's view. The vendor's own command-line client looks for the id under its kind's name too. */
export const adminView = (kind: Kind, { id, gateway_group_id, body, created_at, updated_at }: Published): object => ({
  id,
  ...(kind === 'upstreams' ? {} : { [kind === 'services' ? 'service_id' : 'route_id']: id }),
  gateway_group_id,
  ...body,
  created_at,
  updated_at,
})

/**
 * The gateway's view, in APISIX's shape; a route's depends on its service. No member of ours: APISIX refuses an object
 * that has one it does not know.
 */
export const gatewayView = (kind: Kind, published: Published, service?: Body): object => {
  const { id, body, created_at, updated_at } = published
  const times = { create_time: created_at, update_time: updated_at }
  if (kind === 'services') {
    const { type: _type, status: _status, path_prefix: _prefix, strip_path_prefix: _strip, upstream, ...rest } = body
    return { id, ...rest, ...(upstream ? { upstream: gatewayUpstream(upstream as object) } : {}), ...times }
  }
  if (kind === 'upstreams') {
    const { service_id: _service, ...rest } = body
    return { id, ...gatewayUpstream(rest), ...times }
  }
  const { paths: _paths, plugins: _plugins, ...rest } = body
  const plugins = pluginsOf(body, service)
  return { id, uris: urisOf(body, service), ...rest, ...(plugins ? { plugins } : {}), ...times }
}

const gatewayUpstream = (upstream: object): object => ({ type: 'roundrobin', scheme: 'http', ...upstream })
