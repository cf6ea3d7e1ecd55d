// Joins one route with its service, its upstream and its plugins, and keeps count of the upstreams in use.
import type { Configuration } from './configuration.ts'
import { type Connections, openConnections } from './connections.ts'
import type { Item } from './etcd-json.ts'
import type { Log } from './log.ts'
import type { Entry } from './path-table.ts'
import { proxyRewrite } from './proxy-rewrite.ts'
import { responseRewrite } from './response-rewrite.ts'
import { type Plugins, type RouteConfig, readRoute, type Served, type UpstreamConfig } from './route.ts'
import type { ServedRoute } from './served-route.ts'
import { openUpstream, type Upstream } from './upstream.ts'

/** What became of a route. Without an entry it is not served. */
export interface Compiled {
  readonly entry: Entry<ServedRoute> | undefined
  /** Keys of the service and the upstream that it is made of. */
  readonly uses: readonly string[]
  readonly upstreamKey: string | undefined
}

export interface Compiler {
  /** Throws a sentence when the route cannot be served as it is written. */
  compile(item: Item): Compiled
  usesOf(item: Item): readonly string[]
  /** Says that a compiled route is out of use; the last user of an upstream ends its health checks. */
  release(compiled: Compiled): void
  upstreams(): readonly Upstream[]
  close(): Promise<void>
}

export interface CompilerParts {
  readonly configuration: Configuration
  readonly prefix: string
  readonly log: Log
}

interface Joints extends CompilerParts {
  readonly tellOnce: (what: string, fields: object) => void
  readonly shared: SharedUpstreams
}

export function openCompiler(parts: CompilerParts): Compiler {
  const connections = openConnections()
  const shared = sharedUpstreams(connections, parts.log)
  const joints: Joints = { ...parts, shared, tellOnce: onceInto(parts.log) }
  return {
    compile: (item) => join(readRoute(item), { item, joints }),
    usesOf: (item) => usesOf(readRoute(item), joints),
    release({ upstreamKey }) {
      if (upstreamKey !== undefined) shared.release(upstreamKey)
    },
    upstreams: () => shared.all(),
    async close() {
      for (const upstream of shared.all()) upstream.retire()
      await connections.close()
    },
  }
}

/** The route's plugins and upstream come before its service's. */
function join(route: RouteConfig, { item, joints }: { readonly item: Item; readonly joints: Joints }): Compiled {
  const uses = usesOf(route, joints)
  const service = serviceOf(route, joints)
  if (route.status === 0) return { entry: undefined, uses, upstreamKey: undefined }
  const plugins = { ...service?.plugins, ...route.plugins }
  tellUnknown(plugins, joints)
  const [rewriteRequest, rewrite] = [proxyRewrite(plugins), responseRewrite(plugins)]
  const chosen = upstreamOf(route, service, { item, joints })
  const target: ServedRoute = {
    id: route.id,
    serviceId: String(route.service_id ?? ''),
    upstream: chosen?.upstream,
    mayUpgrade: route.enable_websocket ?? service?.enable_websocket ?? false,
    rewriteRequest,
    rewrite,
  }
  const { uris, methods, priority } = route
  const entry = { key: item.key, uris, hosts: route.hosts ?? service?.hosts, methods, priority, target }
  return { entry, uses, upstreamKey: chosen?.key }
}

function serviceKey({ service_id: id }: RouteConfig, { prefix }: Joints): string | undefined {
  return id === undefined ? undefined : `${prefix}/services/${id}`
}

function serviceOf(route: RouteConfig, joints: Joints): Served | undefined {
  const key = serviceKey(route, joints)
  if (key === undefined) return undefined
  const item = joints.configuration.item(key)
  if (item === undefined) throw new Error(`failed to fetch service configuration by id: ${route.service_id}`)
  return item.value as Served
}

function usesOf(route: RouteConfig, joints: Joints): readonly string[] {
  const key = serviceKey(route, joints)
  const service = key === undefined ? undefined : (joints.configuration.item(key)?.value as Served | undefined)
  const ids = [route.upstream_id, service?.upstream_id].filter((id) => id !== undefined)
  return [...(key === undefined ? [] : [key]), ...ids.map((id) => `${joints.prefix}/upstreams/${id}`)]
}

const knownPlugins = ['response-rewrite', 'proxy-rewrite']

function tellUnknown(plugins: Plugins, { tellOnce }: Joints): void {
  for (const plugin of Object.keys(plugins)) {
    if (knownPlugins.includes(plugin)) continue
    tellOnce(`plugin ${plugin} is unknown to the stand-in and ignored`, { plugin })
  }
}

function onceInto(log: Log): Joints['tellOnce'] {
  const told = new Set<string>()
  return (what, fields) => {
    if (told.has(what)) return
    told.add(what)
    log.warn(fields, what)
  }
}

interface ChosenUpstream {
  readonly key: string
  readonly upstream: Upstream
}

function upstreamOf(
  route: RouteConfig,
  service: Served | undefined,
  { item, joints }: { readonly item: Item; readonly joints: Joints },
): ChosenUpstream | undefined {
  const found =
    statedUpstream(route, item.key, joints) ??
    (service && statedUpstream(service, serviceKey(route, joints) ?? '', joints))
  if (found === undefined) return undefined
  const timeout = route.timeout ?? found.config.timeout ?? {}
  return joints.shared.take({ ...found, timeout })
}

interface StatedUpstream {
  /** The key of the object that states it: the name under which its health is shown. */
  readonly owner: string
  readonly config: UpstreamConfig
}

/** An upstream by id that does not exist is none: the route answers 503 until it does. */
function statedUpstream(served: Served, owner: string, { configuration, prefix }: Joints): StatedUpstream | undefined {
  if (served.upstream_id === undefined) return served.upstream && { owner, config: served.upstream }
  const key = `${prefix}/upstreams/${served.upstream_id}`
  const item = configuration.item(key)
  return item && { owner: key, config: item.value as UpstreamConfig }
}

interface SharedUpstreams {
  take(stated: StatedUpstream & { readonly timeout: NonNullable<UpstreamConfig['timeout']> }): ChosenUpstream
  release(key: string): void
  all(): readonly Upstream[]
}

/** Routes that state the same upstream share its turn and its health. Where health is checked, only the same object is the same. */
function sharedUpstreams(connections: Connections, log: Log): SharedUpstreams {
  const inUse = new Map<string, { readonly upstream: Upstream; users: number }>()
  return {
    take({ owner, config, timeout }) {
      const key = JSON.stringify([config.checks === undefined ? '' : owner, config, timeout])
      const known = inUse.get(key) ?? { upstream: openUpstream({ owner, config, timeout, connections, log }), users: 0 }
      known.users += 1
      inUse.set(key, known)
      return { key, upstream: known.upstream }
    },
    release(key) {
      const known = inUse.get(key)
      if (known === undefined) return
      known.users -= 1
      if (known.users > 0) return
      inUse.delete(key)
      known.upstream.retire()
    },
    all: () => [...inUse.values()].map(({ upstream }) => upstream),
  }
}
