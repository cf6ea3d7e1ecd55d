// A route, a service and an upstream as the configuration states them (apisix/schema_def.lua); object-check.ts has refused all others.
import type { Item } from './etcd-json.ts'

/** How a node list, timeouts and the rest of an upstream are written in the configuration. */
export interface UpstreamConfig {
  readonly type?: 'roundrobin' | 'least_conn' | 'chash'
  readonly hash_on?: string
  readonly key?: string
  readonly scheme?: string
  readonly nodes?: Readonly<Record<string, number>> | readonly UpstreamNodeConfig[]
  readonly retries?: number
  /** Seconds; 0 is no limit. */
  readonly retry_timeout?: number
  readonly timeout?: TimeoutConfig
  readonly keepalive_pool?: KeepaliveConfig
  readonly checks?: ChecksConfig
  readonly pass_host?: string
  readonly upstream_host?: string
}

export interface UpstreamNodeConfig {
  readonly host: string
  readonly port?: number
  readonly weight?: number
  readonly priority?: number
}

/** Seconds. */
export interface TimeoutConfig {
  readonly connect?: number
  readonly send?: number
  readonly read?: number
}

export interface KeepaliveConfig {
  readonly size?: number
  readonly idle_timeout?: number
  readonly requests?: number
}

export interface ChecksConfig {
  readonly active: ActiveConfig
  readonly passive?: { readonly type?: string; readonly healthy?: HealthyConfig; readonly unhealthy?: UnhealthyConfig }
}

export interface ActiveConfig {
  readonly type?: 'http' | 'https' | 'tcp'
  readonly timeout?: number
  readonly host?: string
  readonly port?: number
  readonly http_path?: string
  readonly https_verify_certificate?: boolean
  readonly req_headers?: readonly string[]
  readonly healthy?: HealthyConfig & { readonly interval?: number }
  readonly unhealthy?: UnhealthyConfig & { readonly interval?: number }
}

export interface HealthyConfig {
  readonly http_statuses?: readonly number[]
  readonly successes?: number
}

export interface UnhealthyConfig {
  readonly http_statuses?: readonly number[]
  readonly http_failures?: number
  readonly tcp_failures?: number
  readonly timeouts?: number
}

export type Plugins = Readonly<Record<string, unknown>>

/** What a route and a service have in common. */
export interface Served {
  readonly plugins?: Plugins
  readonly upstream?: UpstreamConfig
  readonly upstream_id?: string | number
  readonly hosts?: readonly string[]
  readonly enable_websocket?: boolean
}

export interface RouteConfig extends Served {
  readonly id: string
  readonly uris: readonly string[]
  readonly methods?: readonly string[]
  readonly priority: number
  readonly service_id?: string | number
  readonly timeout?: TimeoutConfig
  readonly status?: number
}

interface RouteText extends Omit<RouteConfig, 'id' | 'uris' | 'priority'> {
  readonly uri?: string
  readonly uris?: readonly string[]
  readonly paths?: readonly string[]
  readonly host?: string
  readonly priority?: number
}

/** Reads a route. `paths` is what API7 3.x calls `uris`; the id is the key's, whatever the value says. */
export function readRoute(item: Item): RouteConfig {
  const { uri, uris, paths, host, hosts, priority = 0, ...text } = item.value as RouteText
  return {
    ...text,
    id: item.key.slice(item.key.lastIndexOf('/') + 1),
    uris: uris ?? paths ?? (uri === undefined ? [] : [uri]),
    priority,
    ...((hosts ?? host) ? { hosts: hosts ?? [host ?? ''] } : {}),
  }
}
