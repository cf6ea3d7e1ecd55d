// A gateway from boot to drain: its source of configuration, its ports, its reports, and for a backup node its writing.
import { randomUUID } from 'node:crypto'
import { writeClientCertificate } from './client-certificate.ts'
import { emptyConfiguration } from './configuration.ts'
import { type ConfigurationSource, configurationSource } from './configuration-source.ts'
import { controlApi } from './control-api.ts'
import { connectDpManager } from './dp-manager.ts'
import { enrolled } from './enrolment.ts'
import { keepBackup } from './fallback/backup.ts'
import type { FallbackSettings } from './fallback/fallback-settings.ts'
import { openObjectStore } from './fallback/open-object-store.ts'
import { beat, keepReporting, type PushedConfig } from './heartbeat.ts'
import { type Listener, listen } from './listener.ts'
import type { Log } from './log.ts'
import { objectCheck } from './object-check.ts'
import type { TrafficListener } from './proxy.ts'
import type { Settings } from './settings.ts'
import { workersOf } from './stale-worker.ts'
import { anyAnswers, readinessOf, statusPort } from './status-port.ts'
import { openTraffic } from './traffic-ports.ts'

export interface Gateway {
  readonly ports: Settings['ports']
  /** SIGQUIT: refuses new calls at once and resolves when those under way are answered, or cut after the shutdown timeout. */
  drain(): Promise<void>
  /** SIGHUP: reads the configuration again, from nothing. */
  reload(): Promise<void>
  /** SIGTERM: closes everything, answered or not. */
  cut(): Promise<void>
}

/** Resolves when the gateway serves. Throws, with the vendor's words, when the control plane does not let it start. */
export async function startGateway(given: Settings, log: Log): Promise<Gateway> {
  const settings = await enrolled(given, log)
  await writeClientCertificate(settings)
  const parts = assemble(settings, log)
  try {
    const source = sourceOf(parts)
    const early = settings.defects.listenBeforeConfig ? await openPorts(parts) : undefined
    await source.start()
    parts.routing.refresh()
    const ports = early ?? (await openPorts(parts))
    report(parts)
    if (settings.fallback?.mode === 'write') await startBackup(parts, settings.fallback)
    log.info({ ports, revision: parts.configuration.revision() }, 'gateway serves')
    return { ports, drain: () => drain(parts), reload: () => source.reload(), cut: () => cut(parts) }
  } catch (error) {
    await cut(parts)
    throw error
  }
}

type Parts = ReturnType<typeof assemble>

function assemble(settings: Settings, log: Log) {
  const runId = randomUUID()
  const life = new AbortController()
  const dpManager = connectDpManager(settings, runId)
  const { prefix, defects } = settings
  const workers = workersOf(defects, () => emptyConfiguration(prefix, objectCheck({ prefix, log }).accepts))
  const { configuration } = workers
  const isConfigSourceReachable =
    settings.endpoints.length > 0 ? () => anyAnswers(dpManager, settings.endpoints) : undefined
  const traffic = openTraffic({ settings, workers, log, isConfigSourceReachable })
  const { routing } = traffic
  const listeners: Listener[] = []
  let pushed: PushedConfig | undefined
  const onPushedConfig = (config: PushedConfig): void => {
    pushed = config
  }
  const reporting = { dpManager, settings, configuration, runId, log, apiCalls: traffic.calls, onPushedConfig }
  return {
    settings,
    log,
    life,
    dpManager,
    configuration,
    workers,
    routing,
    listeners,
    traffic,
    reporting,
    pushedConfig: () => pushed,
  }
}

function sourceOf({ settings, configuration, dpManager, reporting, log, life }: Parts): ConfigurationSource {
  return configurationSource({
    settings,
    configuration,
    dpManager,
    beat: () => beat(reporting),
    log,
    signal: life.signal,
  })
}

/** Without DP Managers there is nobody to report to. */
function report({ settings, reporting, log, life }: Parts): void {
  const { provider, timings } = settings
  if (provider !== 'etcd') log.info(`skipped registering timer because config type: ${provider}`)
  else if (timings.heartbeatIntervalMs > 0) keepReporting(reporting, life.signal)
}

async function startBackup(parts: Parts, { store: where, intervalMs }: FallbackSettings): Promise<void> {
  const { settings, configuration, pushedConfig, log, life } = parts
  const store = await openObjectStore(where)
  const { gatewayGroup, prefix } = settings
  void keepBackup({ store, gatewayGroup, configuration, prefix, pushedConfig, intervalMs, log }, life.signal)
}

/** The traffic port comes first, so that a balancer that sees the status port sees a gateway that takes calls. */
async function openPorts(parts: Parts): Promise<Settings['ports']> {
  const { settings, configuration, workers, dpManager, listeners, traffic, routing } = parts
  const { bindAddress: address, ports, prefix } = settings
  const ownView = workers.listener((of) => controlApi({ configuration: of, prefix, routing }))
  const readiness = readinessOf(settings, { dpManager, isLoaded: () => configuration.revision() !== undefined })
  const open = async (port: number, onCall: TrafficListener): Promise<number> => {
    const listener = await listen(onCall, { address, port })
    listeners.push(listener)
    return listener.port
  }
  // A backup node takes no calls: 9080 and 9443 stay closed, as the vendor's.
  const takesCalls = settings.fallback?.mode !== 'write'
  return {
    ...(takesCalls ? await traffic.open((listener) => listeners.push(listener)) : { traffic: 0 }),
    control: await open(ports.control, ownView),
    status: await open(ports.status, statusPort(readiness, settings)),
  }
}

async function drain(parts: Parts): Promise<void> {
  const { listeners, log, settings } = parts
  log.info('draining: no new calls, those under way are answered')
  const drained = Promise.all(listeners.map((listener) => listener.drain())).then(() => 'answered' as const)
  const limit = Promise.withResolvers<'cut'>()
  const timer = setTimeout(() => limit.resolve('cut'), settings.timings.shutdownTimeoutMs)
  const outcome = await Promise.race([drained, limit.promise])
  clearTimeout(timer)
  log.info({ outcome }, 'drained')
  await cut(parts)
}

async function cut({ life, listeners, routing, dpManager }: Parts): Promise<void> {
  life.abort()
  for (const listener of listeners) listener.cut()
  await Promise.all([routing.close(), dpManager.close()])
}
