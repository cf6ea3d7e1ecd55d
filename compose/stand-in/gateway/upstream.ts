// The nodes behind a route: who takes the next call, with what connections, and which of them are healthy.
import { isIPv6 } from 'node:net'
import type { Pool } from 'undici'
import { type Balancer, consistentHash, leastConnections, roundRobin, type Weighted } from './balancing.ts'
import { bare, type ConnectionKind, type Connections } from './connections.ts'
import type { Log } from './log.ts'
import type { TimeoutConfig, UpstreamConfig, UpstreamNodeConfig } from './route.ts'
import { type UpstreamHealth, upstreamHealth } from './upstream-health.ts'

export interface UpstreamNode extends Weighted {
  /** Never in brackets. */
  readonly host: string
  readonly port: number
  readonly priority: number
  /** Its name as a Host header: with the port where that is not the scheme's own. */
  readonly hostHeader: string
  /** Opened with the first call. */
  pool(): Pool
}

export interface Upstream {
  /** The key of the object that states it. */
  readonly owner: string
  readonly scheme: string
  readonly retries: number
  /** No further node is tried later than this after the first; 0 is no limit. */
  readonly retryTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly sendTimeoutMs: number
  /** What consistent hashing goes by, like `header` and `x-user`. */
  readonly hashOn: { readonly source: string; readonly key: string }
  /** Undefined without checks. */
  readonly health: UpstreamHealth | undefined
  /** The Host header to send instead of the caller's, by node. */
  hostFor(node: UpstreamNode): string | undefined
  /** The next node that is not among those tried, or undefined when there is none. */
  next(tried: readonly UpstreamNode[], hashOf: () => string): UpstreamNode | undefined
  /** Ends the checks. Connections are not closed: a call may still be on them, and idle ones expire by themselves. */
  retire(): void
}

export interface UpstreamParts {
  readonly owner: string
  readonly config: UpstreamConfig
  readonly timeout: TimeoutConfig
  readonly connections: Connections
  readonly log: Log
}

/** APISIX's default for connect, send and read, and for an idle connection. */
const defaultSeconds = 60
const defaultRequests = 1_000

const balancers: Readonly<Record<NonNullable<UpstreamConfig['type']>, Balancer>> = {
  roundrobin: roundRobin,
  least_conn: leastConnections,
  chash: consistentHash,
}

export function openUpstream({ owner, config, timeout, connections, log }: UpstreamParts): Upstream {
  const { scheme = 'http', type = 'roundrobin', retries, pass_host: passHost, upstream_host: upstreamHost } = config
  const ms = (seconds = defaultSeconds): number => 1000 * seconds
  const kind = kindOf(config, ms(timeout.connect))
  const nodes = nodesOf(config).map((node) => openNode(node, { scheme, kind, connections }))
  const health = config.checks && upstreamHealth(config.checks, { nodes, owner, log })
  const choose = chooser(nodes, { balancer: balancers[type], health })
  return {
    owner,
    scheme,
    health,
    retries: retries ?? Math.max(0, nodes.length - 1),
    retryTimeoutMs: 1000 * (config.retry_timeout ?? 0),
    connectTimeoutMs: kind.connectMs,
    readTimeoutMs: ms(timeout.read),
    sendTimeoutMs: ms(timeout.send),
    hashOn: { source: config.hash_on ?? 'vars', key: config.key ?? 'remote_addr' },
    hostFor: (node) => (passHost === 'node' ? node.hostHeader : passHost === 'rewrite' ? upstreamHost : undefined),
    next(tried, hashOf) {
      health?.begin()
      return choose(tried, hashOf)
    },
    retire: () => health?.stop(),
  }
}

function kindOf({ keepalive_pool: pool }: UpstreamConfig, connectMs: number): ConnectionKind {
  const idleMs = 1000 * (pool?.idle_timeout ?? defaultSeconds)
  // undici takes 0 for no limit; nginx closes the connection after the call.
  return { connectMs, idleMs: Math.max(1, idleMs), requests: pool?.requests ?? defaultRequests }
}

/** Nodes are written as a list, or as a map from address to weight. */
function nodesOf({ nodes = [], scheme }: UpstreamConfig): readonly Required<UpstreamNodeConfig>[] {
  const list = Array.isArray(nodes) ? (nodes as readonly UpstreamNodeConfig[]) : Object.entries(nodes).map(fromAddress)
  const usualPort = scheme === 'https' ? 443 : 80
  return list.map(({ host, port = usualPort, weight = 1, priority = 0 }) => ({ host, port, weight, priority }))
}

function fromAddress([address, weight]: [string, number]): UpstreamNodeConfig {
  const { hostname, port } = new URL(`http://${address}`)
  return { host: hostname, weight, ...(port === '' ? {} : { port: Number(port) }) }
}

interface NodeParts {
  readonly scheme: string
  readonly kind: ConnectionKind
  readonly connections: Connections
}

/** Throws a sentence when the node is no address: its first call would throw in the middle of the traffic. */
function openNode(
  { host: written, port, weight, priority }: Required<UpstreamNodeConfig>,
  { scheme, kind, connections }: NodeParts,
): UpstreamNode {
  const host = bare(written)
  // Beside a port, and as a Host header, an IPv6 address stands in brackets.
  const named = isIPv6(host) ? `[${host}]` : host
  const address = `${named}:${port}`
  const origin = `${scheme}://${address}`
  if (!URL.canParse(origin)) throw new Error(`its upstream node ${address} is no address`)
  const isUsualPort = port === (scheme === 'https' ? 443 : 80)
  let pool: Pool | undefined
  return {
    address,
    host,
    port,
    priority,
    hostHeader: isUsualPort ? named : address,
    weight,
    inFlight: 0,
    credit: 0,
    pool() {
      pool ??= connections.poolFor(origin, kind)
      return pool
    },
  }
}

type Choose = (tried: readonly UpstreamNode[], hashOf: () => string) => UpstreamNode | undefined

/** Nodes of the highest priority that has one left; when none of all nodes is healthy, all are asked, as in APISIX. */
function chooser(
  nodes: readonly UpstreamNode[],
  { balancer, health }: { readonly balancer: Balancer; readonly health: UpstreamHealth | undefined },
): Choose {
  const weighty = nodes.filter(({ weight }) => weight > 0)
  const levels = [...new Set(weighty.map(({ priority }) => priority))].sort((a, b) => b - a)
  const byPriority = levels.map((level) => weighty.filter(({ priority }) => priority === level))
  return (tried, hashOf) => {
    const mayAsk = health !== undefined && weighty.some(health.isHealthy) ? health.isHealthy : undefined
    for (const level of byPriority) {
      const candidates =
        tried.length === 0 && mayAsk === undefined
          ? level
          : level.filter((node) => !tried.includes(node) && (mayAsk === undefined || mayAsk(node)))
      if (candidates.length > 0) return balancer(candidates, hashOf)
    }
    return undefined
  }
}
