// The nodes behind a route: a pool of connections each, taken by smooth weighted round robin.
import { Pool } from 'undici'
import type { TimeoutConfig, UpstreamConfig, UpstreamNodeConfig } from './route.ts'

export interface UpstreamNode {
  readonly address: string
  readonly pool: Pool
}

export interface Upstream {
  readonly retries: number
  readonly readTimeoutMs: number
  readonly sendTimeoutMs: number
  /** The Host header to send instead of the caller's, by node. */
  hostFor(node: UpstreamNode): string | undefined
  /** The next node that is not among those tried, or undefined when there is none. */
  next(tried: readonly UpstreamNode[]): UpstreamNode | undefined
  close(): Promise<void>
}

/** APISIX's default for connect, send and read. */
const defaultTimeoutSeconds = 60

export function openUpstream(config: UpstreamConfig, timeout: TimeoutConfig = config.timeout ?? {}): Upstream {
  const connectMs = 1000 * (timeout.connect ?? defaultTimeoutSeconds)
  const nodes = nodesOf(config).map((node) => openNode(node, { scheme: config.scheme ?? 'http', connectMs }))
  const { pass_host: passHost = 'pass', upstream_host: upstreamHost } = config
  return {
    retries: config.retries ?? Math.max(0, nodes.length - 1),
    readTimeoutMs: 1000 * (timeout.read ?? defaultTimeoutSeconds),
    sendTimeoutMs: 1000 * (timeout.send ?? defaultTimeoutSeconds),
    hostFor: (node) => (passHost === 'node' ? node.address : passHost === 'rewrite' ? upstreamHost : undefined),
    next: (tried) => nextOf(nodes, tried),
    async close() {
      await Promise.all(nodes.map(({ pool }) => pool.close()))
    },
  }
}

interface WeightedNode extends UpstreamNode {
  readonly weight: number
  credit: number
}

/** Nodes are written as a list, or as a map from address to weight. */
function nodesOf({ nodes = [] }: UpstreamConfig): readonly Required<UpstreamNodeConfig>[] {
  const list = Array.isArray(nodes) ? (nodes as readonly UpstreamNodeConfig[]) : Object.entries(nodes).map(fromAddress)
  return list.map((node) => ({ host: node.host, port: node.port ?? 80, weight: node.weight ?? 1 }))
}

function fromAddress([address, weight]: [string, number]): UpstreamNodeConfig {
  const { hostname, port } = new URL(`http://${address}`)
  return { host: hostname, port: Number(port || 80), weight }
}

function openNode(
  { host, port, weight }: Required<UpstreamNodeConfig>,
  { scheme, connectMs }: { readonly scheme: string; readonly connectMs: number },
): WeightedNode {
  const address = `${host}:${port}`
  const pool = new Pool(`${scheme}://${address}`, {
    // Upstream certificates are not verified by default in APISIX either.
    connect: { timeout: connectMs, rejectUnauthorized: false },
    keepAliveTimeout: 60_000,
    pipelining: 1,
  })
  return { address, pool, weight, credit: 0 }
}

/** Smooth weighted round robin, as in nginx: each node earns its weight, the richest is taken and pays the sum. */
function nextOf(nodes: readonly WeightedNode[], tried: readonly UpstreamNode[]): UpstreamNode | undefined {
  let best: WeightedNode | undefined
  let sum = 0
  for (const node of nodes) {
    if (node.weight <= 0 || tried.includes(node)) continue
    node.credit += node.weight
    sum += node.weight
    if (best === undefined || node.credit > best.credit) best = node
  }
  if (best !== undefined) best.credit -= sum
  return best
}
