// What calls add up to, kept as plain numbers: a call costs two look-ups and a few additions, and labels are made when somebody asks.
import type { Match } from './path-table.ts'
import type { ServedRoute } from './served-route.ts'

/** Upper bounds in ms, as APISIX's exporter has them. */
export const latencyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const

export type LatencyKind = 'request' | 'upstream' | 'apisix'

export interface Histogram {
  /** How many fell into each bound and no smaller one; the last is what exceeds them all. */
  readonly counts: Float64Array
  sumMs: number
}

/** Calls that went one way: by one route and uri, to one node. */
export interface Series {
  readonly route: string
  readonly matchedUri: string
  readonly matchedHost: string
  readonly service: string
  /** The upstream node's address without port; empty when none was asked. */
  readonly node: string
  readonly statuses: ReadonlyMap<number, number>
  readonly latencies: Readonly<Record<LatencyKind, Histogram>>
}

export interface CountedCall {
  /** Undefined when no route took it. */
  readonly match: Match<ServedRoute> | undefined
  readonly node: string
  readonly status: number
  readonly tookMs: number
  /** Undefined when no upstream was asked. */
  readonly upstreamMs: number | undefined
}

export interface CallMetrics {
  note(call: CountedCall): void
  series(): readonly Series[]
  /** Calls since the process began. */
  total(): number
}

type OpenSeries = Series & { readonly statuses: Map<number, number> }

export function callMetrics(): CallMetrics {
  const all = new Map<string, OpenSeries>()
  // Each call of one way brings the same match object, until the route changes: the name of its series is put together once.
  const byMatch = new WeakMap<object, Map<string, OpenSeries>>()
  const unrouted = {}
  let total = 0
  const seriesOf = ({ match, node }: CountedCall): OpenSeries => {
    const byNode = byMatch.get(match ?? unrouted) ?? new Map<string, OpenSeries>()
    const known = byNode.get(node)
    if (known !== undefined) return known
    const made = labelled(match, node)
    const name = [made.route, made.matchedUri, made.matchedHost, made.service, node].join('\n')
    const series = all.get(name) ?? made
    all.set(name, series)
    byMatch.set(match ?? unrouted, byNode.set(node, series))
    return series
  }
  return {
    note(call) {
      total += 1
      const { statuses, latencies } = seriesOf(call)
      const { status, tookMs, upstreamMs } = call
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      observe(latencies.request, tookMs)
      if (upstreamMs !== undefined) observe(latencies.upstream, upstreamMs)
      observe(latencies.apisix, tookMs - (upstreamMs ?? 0))
    },
    series: () => [...all.values()],
    total: () => total,
  }
}

function labelled(match: Match<ServedRoute> | undefined, node: string): OpenSeries {
  return {
    route: match?.target.id ?? '',
    matchedUri: match?.uri ?? '',
    matchedHost: match?.host ?? '',
    service: match?.target.serviceId ?? '',
    node,
    statuses: new Map(),
    latencies: { request: histogram(), upstream: histogram(), apisix: histogram() },
  }
}

function histogram(): Histogram {
  return { counts: new Float64Array(latencyBounds.length + 1), sumMs: 0 }
}

function observe(into: Histogram, ms: number): void {
  let place = 0
  while (place < latencyBounds.length && ms > (latencyBounds[place] ?? 0)) place += 1
  into.counts[place] = (into.counts[place] ?? 0) + 1
  into.sumMs += ms
}
