// A route as the configuration states it, and as the gateway serves it: joined with its service, upstream and plugins.
import type { Item } from './etcd-json.ts'

/** How a node list, timeouts and the rest of an upstream are written in the configuration (apisix/schema_def.lua). */
export interface UpstreamConfig {
  readonly type?: string
  readonly scheme?: string
  readonly nodes?: Readonly<Record<string, number>> | readonly UpstreamNodeConfig[]
  readonly retries?: number
  readonly timeout?: TimeoutConfig
  readonly pass_host?: string
  readonly upstream_host?: string
}

export interface UpstreamNodeConfig {
  readonly host: string
  readonly port?: number
  readonly weight?: number
}

/** Seconds. */
export interface TimeoutConfig {
  readonly connect?: number
  readonly send?: number
  readonly read?: number
}

export type Plugins = Readonly<Record<string, unknown>>

/** What a route and a service have in common. */
export interface Served {
  readonly plugins?: Plugins
  readonly upstream?: UpstreamConfig
  readonly upstream_id?: string | number
  readonly hosts?: readonly string[]
  readonly status?: number
}

export interface RouteConfig extends Served {
  readonly id: string
  readonly uris: readonly string[]
  readonly methods?: readonly string[]
  readonly priority: number
  readonly service_id?: string | number
  readonly timeout?: TimeoutConfig
}

interface RouteText extends Served {
  readonly uri?: string
  readonly uris?: readonly string[]
  readonly paths?: readonly string[]
  readonly host?: string
  readonly methods?: readonly string[]
  readonly priority?: number
  readonly service_id?: string | number
  readonly timeout?: TimeoutConfig
  readonly vars?: readonly unknown[]
}

/** Reads a route; throws a sentence when it cannot be served as it is written. `paths` is what API7 3.x calls `uris`. */
export function readRoute(item: Item): RouteConfig {
  const text = asObject(item.value) as RouteText
  const uris = text.uris ?? text.paths ?? (text.uri === undefined ? [] : [text.uri])
  if (uris.length === 0) throw new Error('it has none of uri, uris and paths')
  if (text.vars !== undefined && text.vars.length > 0) throw new Error('it has vars, which the stand-in cannot match')
  const hosts = text.hosts ?? (text.host === undefined ? undefined : [text.host])
  const { plugins, upstream, upstream_id, methods, service_id, timeout, status } = text
  return {
    id: item.key.slice(item.key.lastIndexOf('/') + 1),
    uris,
    priority: text.priority ?? 0,
    ...defined({ plugins, upstream, upstream_id, hosts, methods, service_id, timeout, status }),
  }
}

/** Reads a service; it has the same joints as a route. */
export function readService(item: Item): Served {
  return asObject(item.value) as Served
}

function asObject(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no JSON object')
  return value
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}
