// Turns the configuration into what the traffic port serves from, again whenever the configuration has changed.
import type { Configuration } from './configuration.ts'
import type { Item } from './etcd-json.ts'
import { type Log, reasonOf } from './log.ts'
import { type Asked, type Entry, type PathTable, pathTable } from './path-table.ts'
import { type HeaderRewrite, responseRewrite } from './response-rewrite.ts'
import { type Plugins, type RouteConfig, readRoute, readService, type Served, type UpstreamConfig } from './route.ts'
import { openUpstream, type Upstream } from './upstream.ts'

/** A route ready to serve. Without an upstream it answers 503, as APISIX does. */
export interface ServedRoute {
  readonly id: string
  readonly upstream: Upstream | undefined
  readonly rewrite: HeaderRewrite | undefined
}

export interface Routing {
  find(asked: Asked): ServedRoute | undefined
  /** Compiles now what changed, so that the first call need not. */
  refresh(): void
  close(): Promise<void>
}

export function openRouting(
  configuration: Configuration,
  { prefix, log }: { readonly prefix: string; readonly log: Log },
): Routing {
  const told = new Set<string>()
  const tellOnce: Tell = (what, fields) => {
    if (told.has(what)) return
    told.add(what)
    log.warn(fields, what)
  }
  let upstreams = new Map<string, Upstream>()
  let table: PathTable<ServedRoute> = pathTable<ServedRoute>([])
  let generation = -1
  const refresh = (): void => {
    if (generation === configuration.generation()) return
    generation = configuration.generation()
    const compiled = compile({ configuration, prefix, tell: tellOnce, known: upstreams })
    // Upstreams that went out of use are not closed: a call may still be on them, and idle connections expire by themselves.
    upstreams = compiled.upstreams
    table = compiled.table
  }
  return {
    find(asked) {
      // Compiling on demand keeps what callers get and what the Control API shows at one revision, and joins bursts of changes.
      if (generation !== configuration.generation()) refresh()
      return table.find(asked)
    },
    refresh,
    async close() {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
    },
  }
}

type Tell = (what: string, fields: object) => void

interface Compiling {
  readonly configuration: Configuration
  readonly prefix: string
  readonly tell: Tell
  /** Upstreams of the last compilation: one that did not change keeps its connections and its turn. */
  readonly known: ReadonlyMap<string, Upstream>
}

function compile(compiling: Compiling): {
  readonly table: PathTable<ServedRoute>
  readonly upstreams: Map<string, Upstream>
} {
  const upstreams = new Map<string, Upstream>()
  const entries = compiling.configuration.directory('routes').flatMap((item) => {
    try {
      const entry = entryOf(readRoute(item), { compiling, upstreams })
      return entry === undefined ? [] : [entry]
    } catch (error) {
      compiling.tell(`route at ${item.key} is not served: ${reasonOf(error)}`, {
        key: item.key,
        revision: item.modifiedIndex,
      })
      return []
    }
  })
  return { table: pathTable(entries), upstreams }
}

interface Joints {
  readonly compiling: Compiling
  readonly upstreams: Map<string, Upstream>
}

/** Joins a route with its service: the route's plugins and upstream come before the service's. */
function entryOf(route: RouteConfig, joints: Joints): Entry<ServedRoute> | undefined {
  const service = route.service_id === undefined ? undefined : serviceOf(route, joints.compiling)
  if (route.status === 0 || service?.status === 0) return undefined
  const plugins = { ...service?.plugins, ...route.plugins }
  tellUnknown(plugins, joints.compiling.tell)
  const target = { id: route.id, upstream: upstreamOf(route, service, joints), rewrite: responseRewrite(plugins) }
  const hosts = route.hosts ?? service?.hosts
  return { uris: route.uris, hosts, methods: route.methods, priority: route.priority, target }
}

function serviceOf(route: RouteConfig, { configuration, prefix }: Compiling): Served {
  const item = configuration.item(`${prefix}/services/${route.service_id}`)
  if (item === undefined) throw new Error(`failed to fetch service configuration by id: ${route.service_id}`)
  return readService(item)
}

function tellUnknown(plugins: Plugins, tell: Tell): void {
  for (const plugin of Object.keys(plugins)) {
    if (plugin !== 'response-rewrite') tell(`plugin ${plugin} is unknown to the stand-in and ignored`, { plugin })
  }
}

function upstreamOf(
  route: RouteConfig,
  service: Served | undefined,
  { compiling, upstreams }: Joints,
): Upstream | undefined {
  const config = upstreamConfigOf(route, compiling) ?? (service && upstreamConfigOf(service, compiling))
  if (config === undefined) return undefined
  const key = JSON.stringify([config, route.timeout])
  const upstream =
    upstreams.get(key) ?? compiling.known.get(key) ?? openUpstream(config, route.timeout ?? config.timeout)
  upstreams.set(key, upstream)
  return upstream
}

function upstreamConfigOf(served: Served, { configuration, prefix }: Compiling): UpstreamConfig | undefined {
  if (served.upstream_id === undefined) return served.upstream
  const item: Item | undefined = configuration.item(`${prefix}/upstreams/${served.upstream_id}`)
  return item?.value as UpstreamConfig | undefined
}
