// The ports that callers use, plain and TLS, and the metrics of what they asked: everything between the configuration and the callers.
import { withAccessLog } from './access-log.ts'
import { callMetrics } from './call-metrics.ts'
import { coldAfterRestart } from './cold-restart.ts'
import type { Configuration } from './configuration.ts'
import { type ConnectionCounts, type Listener, type ListenOptions, listen, type TlsCertificates } from './listener.ts'
import type { Log } from './log.ts'
import { proxy, type TrafficListener } from './proxy.ts'
import { openRouting, type Routing } from './routing.ts'
import { certificateByName } from './server-certificates.ts'
import type { Settings } from './settings.ts'
import type { Workers } from './stale-worker.ts'
import { passUpgrades } from './upgrade.ts'

export interface Traffic {
  readonly routing: Routing
  /** Calls taken since the process began. */
  calls(): number
  /** Opens the ports that the settings name; each new listener is told before the next one opens. */
  open(onOpen: (listener: Listener) => void): Promise<TrafficPortNumbers>
}

export type TrafficPortNumbers = Pick<Settings['ports'], 'traffic' | 'tls' | 'metrics'>

export interface TrafficParts {
  readonly settings: Settings
  readonly workers: Workers
  readonly log: Log
  /** Undefined where there is none to reach, in standalone mode. */
  readonly isConfigSourceReachable: (() => Promise<boolean>) | undefined
}

export function openTraffic(parts: TrafficParts): Traffic {
  const { settings, workers, log } = parts
  const { configuration } = workers
  const routingOf = (of: Configuration): Routing => openRouting(of, { prefix: settings.prefix, log })
  const routing = routingOf(configuration)
  const metrics = callMetrics()
  const handed = { routing, metrics, log }
  const answer = coldAfterRestart(
    settings.defects,
    workers.listener((of, isStale) => proxy(isStale ? { ...handed, routing: routingOf(of) } : handed)),
  )
  const onCall = settings.accessLog ? withAccessLog(answer, log) : answer
  const upgrades = passUpgrades(handed)
  const forCallers: Listener[] = []
  const connections = (): ConnectionCounts => sumOf(forCallers.map((listener) => listener.connections()))
  return {
    routing,
    calls: () => metrics.total(),
    async open(onOpen) {
      const { bindAddress: address, ports } = settings
      const openOne = async (listener: TrafficListener, options: Omit<ListenOptions, 'address'>): Promise<Listener> => {
        const opened = await listen(listener, { address, ...options })
        onOpen(opened)
        return opened
      }
      forCallers.push(await openOne(onCall, { port: ports.traffic, upgrades }))
      if (ports.tls !== undefined) {
        forCallers.push(await openOne(onCall, { port: ports.tls, upgrades, tls: await certificates(parts) }))
      }
      const [plain, tls] = forCallers.map(({ port }) => port)
      const metricsListener =
        ports.metrics === undefined ? undefined : await openOne(await metricsOf(), { port: ports.metrics })
      return { traffic: plain ?? 0, tls, metrics: metricsListener?.port }
    },
  }

  async function metricsOf(): Promise<TrafficListener> {
    const { metricsPort } = await import('./metrics-port.ts')
    const { isConfigSourceReachable } = parts
    const nodeName = settings.nodeName
    return metricsPort({ calls: metrics, configuration, nodeName, connections, isConfigSourceReachable })
  }
}

/** Loaded only where a TLS port opens, since it takes a tenth of a second. */
async function certificates({ settings, workers: { configuration }, log }: TrafficParts): Promise<TlsCertificates> {
  const { makeOwnCertificate } = await import('./own-certificate.ts')
  const own = await makeOwnCertificate(settings.nodeName)
  return { own, contextFor: certificateByName({ configuration, prefix: settings.prefix, log, fallback: own }) }
}

function sumOf(counts: readonly ConnectionCounts[]): ConnectionCounts {
  const sum = { active: 0, accepted: 0, answering: 0 }
  for (const { active, accepted, answering } of counts) {
    sum.active += active
    sum.accepted += accepted
    sum.answering += answering
  }
  return sum
}
