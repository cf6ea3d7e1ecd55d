// A published service or route, and the two views of it: the Admin API's and the gateway's.

export type Kind = 'services' | 'routes'

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

/** 'Service' or 'Route', for people. */
export const titleOf = (kind: Kind): string => (kind === 'services' ? 'Service' : 'Route')

/** The Admin API's view. */
export const adminView = ({ id, gateway_group_id, body, created_at, updated_at }: Published): object => ({
  id,
  gateway_group_id,
  ...body,
  created_at,
  updated_at,
})

/** The gateway's view, in APISIX's shape. No member of ours: APISIX refuses an object that has one it does not know. */
export const gatewayView = (kind: Kind, { id, body, created_at, updated_at }: Published): object => {
  const times = { create_time: created_at, update_time: updated_at }
  if (kind === 'services') {
    const { type: _type, status: _status, upstream, ...rest } = body
    return { id, ...rest, ...(upstream ? { upstream: gatewayUpstream(upstream as object) } : {}), ...times }
  }
  const { paths, ...rest } = body
  return { id, uris: paths, ...rest, ...times }
}

const gatewayUpstream = (upstream: object): object => ({ type: 'roundrobin', scheme: 'http', ...upstream })
