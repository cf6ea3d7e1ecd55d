// The health of an upstream's nodes: asked for by active checks, and read off calls by passive ones.
import { probe } from './health-probe.ts'
import type { Log } from './log.ts'
import { type Health, type NodeHealth, nodeHealth, type Sign } from './node-health.ts'
import type { ActiveConfig, ChecksConfig, HealthyConfig, UnhealthyConfig } from './route.ts'
import type { Breakage } from './upstream-breakage.ts'

export interface CheckedNode {
  readonly address: string
  readonly host: string
  readonly port: number
}

export interface NodeView {
  readonly ip: string
  readonly port: number
  readonly status: Health
  readonly counter: Readonly<Record<Sign, number>>
}

export interface UpstreamHealth {
  readonly type: string
  isHealthy(node: CheckedNode): boolean
  /** Active checks begin with the first call, as in APISIX. */
  begin(): void
  answered(node: CheckedNode, status: number): void
  broke(node: CheckedNode, breakage: Breakage): void
  nodes(): readonly NodeView[]
  stop(): void
}

export function upstreamHealth(
  checks: ChecksConfig,
  { nodes, owner, log }: { readonly nodes: readonly CheckedNode[]; readonly owner: string; readonly log: Log },
): UpstreamHealth {
  const healths = new Map<CheckedNode, NodeHealth>(nodes.map((node) => [node, nodeHealth()]))
  const note = (node: CheckedNode, sign: Sign | undefined, limits: Limits): void => {
    const health = healths.get(node)
    if (sign === undefined || !health?.note(sign, limits[sign])) return
    log.warn({ upstream: owner, node: node.address, because: sign }, `upstream node is ${health.state()} now`)
  }
  const active = limitsOf(checks.active, { successes: 2, timeouts: 3 })
  const passive = checks.passive && limitsOf(checks.passive, { successes: 5, timeouts: 7 })
  const loop = activeLoop(checks.active, { healths, note: (node, sign) => note(node, sign, active) })
  return {
    type: checks.active.type ?? 'http',
    isHealthy: (node) => healths.get(node)?.isHealthy() ?? true,
    begin: loop.begin,
    answered(node, status) {
      if (passive !== undefined) note(node, signOf(status, checks), passive)
    },
    broke(node, breakage) {
      if (passive !== undefined) note(node, signOfBreakage(breakage), passive)
    },
    nodes: () =>
      [...healths].map(([{ host, port }, health]) => ({
        ip: host,
        port,
        status: health.state(),
        counter: health.counters(),
      })),
    stop: loop.stop,
  }
}

type Limits = Readonly<Record<Sign, number>>

interface Sides {
  readonly healthy?: HealthyConfig
  readonly unhealthy?: UnhealthyConfig
}

function limitsOf(
  { healthy, unhealthy }: Sides,
  defaults: { readonly successes: number; readonly timeouts: number },
): Limits {
  return {
    success: healthy?.successes ?? defaults.successes,
    http_failure: unhealthy?.http_failures ?? 5,
    tcp_failure: unhealthy?.tcp_failures ?? 2,
    timeout_failure: unhealthy?.timeouts ?? defaults.timeouts,
  }
}

interface ActiveLoop {
  begin(): void
  stop(): void
}

interface Looked {
  readonly healths: ReadonlyMap<CheckedNode, NodeHealth>
  readonly note: (node: CheckedNode, sign: Sign | undefined) => void
}

/** Each node is looked at again one interval after its last look has ended: the interval of the state it is in. */
function activeLoop(config: ActiveConfig, { healths, note }: Looked): ActiveLoop {
  const timers = new Map<CheckedNode, NodeJS.Timeout>()
  let stage: 'waiting' | 'looking' | 'stopped' = 'waiting'
  const schedule = (node: CheckedNode, health: NodeHealth): void => {
    if (stage !== 'looking') return
    const side = health.isHealthy() ? config.healthy : config.unhealthy
    const look = async (): Promise<void> => {
      note(node, await probe(node, config))
      schedule(node, health)
    }
    timers.set(node, setTimeout(() => void look(), 1000 * (side?.interval ?? 1)).unref())
  }
  return {
    begin() {
      if (stage !== 'waiting') return
      stage = 'looking'
      for (const [node, health] of healths) schedule(node, health)
    },
    stop() {
      stage = 'stopped'
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

const goodForCalls = [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308]

function signOf(status: number, { passive }: ChecksConfig): Sign | undefined {
  if ((passive?.unhealthy?.http_statuses ?? [429, 500, 503]).includes(status)) return 'http_failure'
  return (passive?.healthy?.http_statuses ?? goodForCalls).includes(status) ? 'success' : undefined
}

function signOfBreakage(breakage: Breakage): Sign | undefined {
  if (breakage === 'timeout' || breakage === 'connect-timeout') return 'timeout_failure'
  return breakage === 'bad-request' ? undefined : 'tcp_failure'
}
