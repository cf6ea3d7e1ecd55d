// What a gateway tells the control plane about itself, again and again: heartbeats, and a few counters.
import { networkInterfaces } from 'node:os'
import type { Configuration } from './configuration.ts'
import type { DpManager } from './dp-manager.ts'
import { type Log, reasonOf } from './log.ts'
import type { Settings } from './settings.ts'

export interface Reporting {
  readonly dpManager: DpManager
  readonly settings: Settings
  readonly configuration: Configuration
  readonly runId: string
  readonly log: Log
  /** Calls taken on the traffic port since the process began. */
  readonly apiCalls: () => number
  /** Called with the configuration in each answer to a heartbeat. */
  readonly onPushedConfig: (config: PushedConfig) => void
}

/** What the control plane answers to a heartbeat: keyrings and the like. The fallback keeps it beside the resources. */
export interface PushedConfig {
  readonly config_version: number
  readonly config_payload: unknown
}

/** One heartbeat, to the first endpoint only: a weakness of the vendor's that we keep (facts: agent.lua reads etcd.host[1]). */
export async function beat(reporting: Reporting): Promise<void> {
  const path = '/api/dataplane/heartbeat'
  const answer = await reporting.dpManager.report(firstEndpoint(reporting), path, heartbeatOf(reporting))
  const config = configIn(answer)
  if (config !== undefined) reporting.onPushedConfig(config)
}

/** Beats until the signal is aborted; a beat that is still under way when the next is due takes its place. */
export function keepReporting(reporting: Reporting, signal: AbortSignal): void {
  const { timings } = reporting.settings
  every(timings.heartbeatIntervalMs, signal, async () => {
    await beat(reporting).catch((error) => reporting.log.warn({ reason: reasonOf(error) }, 'heartbeat was not taken'))
  })
  every(timings.metricsIntervalMs, signal, async () => {
    await sendMetrics(reporting).catch((error) =>
      reporting.log.debug({ reason: reasonOf(error) }, 'metrics were not taken'),
    )
  })
}

function every(intervalMs: number, signal: AbortSignal, act: () => Promise<void>): void {
  let underWay = false
  const timer = setInterval(async () => {
    if (underWay) return
    underWay = true
    await act()
    underWay = false
  }, intervalMs)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

function configIn(answer: unknown): PushedConfig | undefined {
  const { config } = (answer ?? {}) as { readonly config?: Partial<PushedConfig> }
  if (typeof config?.config_version !== 'number') return undefined
  return { config_version: config.config_version, config_payload: config.config_payload ?? {} }
}

function firstEndpoint({ settings }: Reporting): string {
  return settings.endpoints[0] ?? ''
}

function heartbeatOf({ settings, configuration, runId, apiCalls }: Reporting): object {
  return {
    instance_id: settings.instanceId,
    run_id: runId,
    hostname: settings.nodeName,
    ip: ownAddress(),
    version: settings.version,
    ports: [settings.ports.traffic],
    subsystem: 'http',
    cores: 1,
    control_plane_revision: configuration.revision() ?? 0,
    api_calls: apiCalls(),
    probe_result: {},
  }
}

async function sendMetrics(reporting: Reporting): Promise<void> {
  const { settings, runId, configuration, apiCalls } = reporting
  const metrics = [
    `apisix_http_requests_total ${apiCalls()}`,
    `apisix_etcd_modify_indexes{key="max_modify_index"} ${configuration.revision() ?? 0}`,
  ].join('\n')
  const body = { instance_id: settings.instanceId, run_id: runId, hostname: settings.nodeName, metrics }
  await reporting.dpManager.report(firstEndpoint(reporting), '/api/dataplane/metrics', body)
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
