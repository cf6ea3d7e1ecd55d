// A gateway from boot to drain: check, heartbeat, load, listen, follow.
import { randomUUID } from 'node:crypto'
import { withAccessLog } from './access-log.ts'
import { checkEndpoints, checkHeartbeat } from './boot-check.ts'
import { emptyConfiguration } from './configuration.ts'
import { controlApi } from './control-api.ts'
import { delayConfigLoad, onLossOf } from './defects.ts'
import { connectDpManager } from './dp-manager.ts'
import { endpointRing } from './endpoint-ring.ts'
import { followConfiguration } from './follow.ts'
import { beat, keepReporting } from './heartbeat.ts'
import { type Listener, listen } from './listener.ts'
import type { Log } from './log.ts'
import { proxy, type TrafficListener } from './proxy.ts'
import { openRouting } from './routing.ts'
import type { Settings } from './settings.ts'
import { readinessOf, statusPort } from './status-port.ts'

export interface Gateway {
  readonly ports: Settings['ports']
  /** SIGQUIT: refuses new calls at once and resolves when those under way are answered, or cut after the shutdown timeout. */
  drain(): Promise<void>
  /** SIGTERM: closes everything, answered or not. */
  cut(): Promise<void>
}

/** Resolves when the gateway serves. Throws, with the vendor's words, when the control plane does not let it start. */
export async function startGateway(settings: Settings, log: Log): Promise<Gateway> {
  const parts = assemble(settings, log)
  try {
    const early = settings.defects.listenBeforeConfig ? await openPorts(parts) : undefined
    await checkEndpoints(parts.dpManager, settings.endpoints, { timings: settings.timings, log })
    if (settings.timings.heartbeatIntervalMs > 0) await checkHeartbeat(() => beat(parts.reporting), log)
    await loadConfiguration(parts)
    const ports = early ?? (await openPorts(parts))
    if (settings.timings.heartbeatIntervalMs > 0) keepReporting(parts.reporting, parts.life.signal)
    log.info({ ports, revision: parts.configuration.revision() }, 'gateway serves')
    return { ports, drain: () => drain(parts), cut: () => cut(parts) }
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
  const configuration = emptyConfiguration(settings.prefix)
  const routing = openRouting(configuration, { prefix: settings.prefix, log })
  const listeners: Listener[] = []
  let calls = 0
  const answer = proxy({ routing, log })
  const counted: TrafficListener = (request, response) => {
    calls += 1
    answer(request, response)
  }
  const traffic = settings.accessLog ? withAccessLog(counted, log) : counted
  const reporting = { dpManager, settings, configuration, runId, log, apiCalls: () => calls }
  return { settings, log, life, dpManager, configuration, routing, listeners, traffic, reporting }
}

/** Starts to follow the DP Managers and waits for the first full read. */
async function loadConfiguration(parts: Parts): Promise<void> {
  const { settings, log, life, dpManager, configuration, routing } = parts
  const { timings, defects, endpoints } = settings
  await delayConfigLoad(defects, life.signal)
  const ring = endpointRing(endpoints, { maxFails: timings.healthMaxFails, failWindowMs: timings.healthFailWindowMs })
  const onLoss = onLossOf(defects, { configuration, log })
  const loaded = Promise.withResolvers<void>()
  const late = new Error(`no DP Manager gave the configuration within ${timings.bootLimitMs} ms`)
  const limit = setTimeout(() => loaded.reject(late), timings.bootLimitMs)
  const following = { dpManager, ring, configuration, timings, log, onLoss, onLoaded: loaded.resolve }
  void followConfiguration(following, life.signal)
  await loaded.promise.finally(() => clearTimeout(limit))
  routing.refresh()
}

/** The traffic port comes first, so that a balancer that sees the status port sees a gateway that takes calls. */
async function openPorts(parts: Parts): Promise<Settings['ports']> {
  const { settings, configuration, dpManager, listeners, traffic } = parts
  const { bindAddress: address, ports, prefix } = settings
  const readiness = readinessOf(settings, { dpManager, isLoaded: () => configuration.revision() !== undefined })
  const open = async (port: number, onCall: TrafficListener): Promise<number> => {
    const listener = await listen(onCall, { address, port })
    listeners.push(listener)
    return listener.port
  }
  return {
    traffic: await open(ports.traffic, traffic),
    control: await open(ports.control, controlApi(configuration, prefix)),
    status: await open(ports.status, statusPort(readiness)),
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
