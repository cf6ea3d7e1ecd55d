// The metrics port: `/apisix/prometheus/metrics`, under the names of APISIX's exporter, put together when somebody asks.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter, Gauge, type Metric, Registry } from 'prom-client'
import { type CallMetrics, type LatencyKind, latencyBounds, type Series } from './call-metrics.ts'
import type { Configuration } from './configuration.ts'
import type { ConnectionCounts } from './listener.ts'

export interface MetricSources {
  readonly calls: CallMetrics
  readonly configuration: Configuration
  readonly nodeName: string
  /** Of all traffic ports together. */
  readonly connections: () => ConnectionCounts
  /** Asks the DP Managers, as the vendor does at each look; undefined in standalone mode. */
  readonly isConfigSourceReachable: (() => Promise<boolean>) | undefined
}

const metricsPath = '/apisix/prometheus/metrics'

export function metricsPort(
  sources: MetricSources,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const registry = registryOf(sources)
  return async ({ url = '/' }, response) => {
    if (url.split('?')[0] !== metricsPath) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error_msg":"404 Route Not Found"}\n')
      return
    }
    const text = await registry.metrics()
    response.writeHead(200, { 'content-type': registry.contentType, 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }
}

function registryOf(sources: MetricSources): Registry {
  const registry = new Registry()
  const registers = [registry]
  addCalls(registers, sources.calls)
  addConnections(registers, sources)
  addConfiguration(registers, sources)
  const info = { name: 'apisix_node_info', help: 'Info of APISIX node', labelNames: ['hostname'], registers }
  new Gauge(info).set({ hostname: sources.nodeName }, 1)
  return registry
}

/** The vendor's label for who called; the stand-in knows no consumers. */
const consumer = ''

function addCalls(registers: Registry[], calls: CallMetrics): void {
  new Counter({
    name: 'apisix_http_status',
    help: 'HTTP status codes per service in APISIX',
    labelNames: ['code', 'route', 'matched_uri', 'matched_host', 'service', 'consumer', 'node'],
    registers,
    collect() {
      this.reset()
      for (const series of calls.series()) {
        const { route, matchedUri: matched_uri, matchedHost: matched_host, service, node } = series
        const labels = { route, matched_uri, matched_host, service, consumer, node }
        for (const [code, count] of series.statuses) this.inc({ code: String(code), ...labels }, count)
      }
    },
  })
  new Gauge({
    name: 'apisix_http_requests_total',
    help: 'The total number of client requests since APISIX started',
    registers,
    collect() {
      this.set(calls.total())
    },
  })
  addLatency(registers, calls)
}

const latencyName = 'apisix_http_latency'

/** prom-client counts observations one by one and ours are counted already, so it is given its own form of a reading. */
function addLatency(registers: Registry[], calls: CallMetrics): void {
  const help = 'HTTP request latency in milliseconds per service in APISIX'
  const stated = { name: latencyName, help, type: 'histogram', aggregator: 'sum' }
  const reading = { ...stated, get: async () => ({ ...stated, values: latencyValues(calls.series()) }) }
  for (const registry of registers) registry.registerMetric(reading as unknown as Metric)
}

interface LatencyValue {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

function latencyValues(all: readonly Series[]): LatencyValue[] {
  const merged = new Map<
    string,
    { readonly labels: LatencyValue['labels']; readonly counts: number[]; sumMs: number }
  >()
  for (const { route, service, node, latencies } of all) {
    for (const type of Object.keys(latencies) as LatencyKind[]) {
      const labels = { type, route, service, consumer, node }
      const name = Object.values(labels).join('\n')
      const into = merged.get(name) ?? { labels, counts: new Array(latencyBounds.length + 1).fill(0), sumMs: 0 }
      latencies[type].counts.forEach((count, place) => {
        into.counts[place] = (into.counts[place] ?? 0) + count
      })
      into.sumMs += latencies[type].sumMs
      merged.set(name, into)
    }
  }
  return [...merged.values()].filter(({ counts }) => counts.some((count) => count > 0)).flatMap(linesOf)
}

function linesOf({
  labels,
  counts,
  sumMs,
}: {
  readonly labels: LatencyValue['labels']
  readonly counts: readonly number[]
  readonly sumMs: number
}): LatencyValue[] {
  let below = 0
  const buckets = counts.map((count, place) => {
    below += count
    return {
      metricName: `${latencyName}_bucket`,
      labels: { le: latencyBounds[place] ?? '+Inf', ...labels },
      value: below,
    }
  })
  return [
    ...buckets,
    { metricName: `${latencyName}_sum`, labels, value: sumMs },
    { metricName: `${latencyName}_count`, labels, value: below },
  ]
}

function addConnections(registers: Registry[], { connections }: MetricSources): void {
  new Gauge({
    name: 'apisix_nginx_http_current_connections',
    help: 'Number of HTTP connections',
    labelNames: ['state'],
    registers,
    collect() {
      const { active, accepted, answering } = connections()
      // Node does not tell who is still sending headers, so a connection is either writing or waiting.
      const states = {
        active,
        accepted,
        handled: accepted,
        reading: 0,
        writing: answering,
        waiting: active - answering,
      }
      for (const [state, count] of Object.entries(states)) this.set({ state }, Math.max(0, count))
    },
  })
}

/** The vendor's directories here, with its own word for the one that is named otherwise. */
const directories = ['consumers', 'global_rules', 'protos', 'routes', 'services', 'ssls', 'stream_routes', 'upstreams']

function addConfiguration(registers: Registry[], { configuration, isConfigSourceReachable }: MetricSources): void {
  if (isConfigSourceReachable === undefined) return
  new Gauge({
    name: 'apisix_etcd_reachable',
    help: 'Config server etcd reachable from APISIX, 0 is unreachable',
    registers,
    async collect() {
      this.set((await isConfigSourceReachable()) ? 1 : 0)
    },
  })
  new Gauge({
    name: 'apisix_etcd_modify_indexes',
    help: 'Etcd modify index for APISIX keys',
    labelNames: ['key'],
    registers,
    collect() {
      const latest = directories.map((name) => latestOf(configuration, name))
      directories.forEach((key, place) => void this.set({ key }, latest[place] ?? 0))
      const revision = configuration.revision() ?? 0
      this.set({ key: 'max_modify_index' }, Math.max(...latest))
      for (const key of ['prev_index', 'x_etcd_index']) this.set({ key }, revision)
    },
  })
}

function latestOf(configuration: Configuration, name: string): number {
  return configuration.directory(name).reduce((latest, { modifiedIndex }) => Math.max(latest, modifiedIndex), 0)
}
