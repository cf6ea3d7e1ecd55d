// What one gateway is told by its environment: where its DP Managers are, its ports, its timings and its planted defects.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'

export interface Timings {
  readonly watchTimeoutMs: number
  readonly callTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly metricsIntervalMs: number
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
  readonly resyncDelayMs: number
  readonly healthFailWindowMs: number
  readonly healthMaxFails: number
  readonly startupTries: number
  readonly bootLimitMs: number
  readonly shutdownTimeoutMs: number
}

export interface Defects {
  readonly dropConfigOnLoss: boolean
  readonly listenBeforeConfig: boolean
  readonly configLoadDelayMs: number
}

export interface Settings {
  readonly endpoints: readonly string[]
  readonly token: string | undefined
  readonly gatewayGroup: string
  readonly nodeName: string
  readonly instanceId: string
  readonly version: string
  readonly prefix: string
  readonly bindAddress: string
  readonly ports: { readonly traffic: number; readonly status: number; readonly control: number }
  readonly timings: Timings
  readonly readySemantics: 'api7' | 'apisix'
  readonly accessLog: boolean
  readonly defects: Defects
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the settings; the names of the variables are the vendor's, the defaults too. Throws when no DP Manager is named. */
export function readSettings(environment: Environment): Settings {
  const nodeName = environment.NODE_NAME ?? hostname()
  return {
    endpoints: readEndpoints(environment),
    token: environment.API7_DP_MANAGER_TOKEN ?? environment.API7_CONTROL_PLANE_TOKEN,
    gatewayGroup: environment.API7_GATEWAY_GROUP_SHORT_ID ?? 'default',
    nodeName,
    instanceId: environment.GATEWAY_INSTANCE_ID ?? instanceIdOf(nodeName),
    version: environment.GATEWAY_VERSION ?? '3.10.5',
    prefix: environment.CONFIG_PREFIX ?? '/apisix',
    bindAddress: environment.BIND_ADDRESS ?? '0.0.0.0',
    ports: {
      traffic: count(environment, 'TRAFFIC_PORT', 9080),
      status: count(environment, 'STATUS_PORT', 7085),
      control: count(environment, 'CONTROL_PORT', 9090),
    },
    timings: readTimings(environment),
    readySemantics: oneOf(environment, 'READY_SEMANTICS', ['api7', 'apisix']),
    accessLog: environment.ACCESS_LOG === '1',
    defects: readDefects(environment),
  }
}

function readEndpoints(environment: Environment): readonly string[] {
  const names = ['API7_DP_MANAGER_ENDPOINTS', 'API7_CONTROL_PLANE_ENDPOINTS', 'APISIX_DEPLOYMENT_ETCD_HOST']
  const name = names.find((candidate) => environment[candidate])
  if (name === undefined) {
    throw new Error(`No DP Manager is named: set ${names[0]} to a JSON array of URLs, like ["http://dp-manager:7900"]`)
  }
  const urls: unknown = JSON.parse(environment[name] ?? '[]')
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every((url) => typeof url === 'string' && URL.canParse(url))) {
    throw new Error(`${name} is ${environment[name]}, expected a JSON array of at least one URL`)
  }
  return urls.map((url: string) => url.replace(/\/+$/, ''))
}

/** The vendor's defaults: facts in apisix/cli/config.lua and the 3.x chart. HEARTBEAT_INTERVAL_MS=0 means no heartbeats (plain etcd). */
function readTimings(environment: Environment): Timings {
  return {
    watchTimeoutMs: count(environment, 'WATCH_TIMEOUT_MS', 50_000),
    callTimeoutMs: count(environment, 'CALL_TIMEOUT_MS', 30_000),
    connectTimeoutMs: count(environment, 'CONNECT_TIMEOUT_MS', 2_000),
    heartbeatIntervalMs: count(environment, 'HEARTBEAT_INTERVAL_MS', 10_000),
    metricsIntervalMs: count(environment, 'METRICS_INTERVAL_MS', 15_000),
    backoffBaseMs: count(environment, 'BACKOFF_BASE_MS', 1_000),
    backoffMaxMs: count(environment, 'BACKOFF_MAX_MS', 32_000),
    resyncDelayMs: count(environment, 'RESYNC_DELAY_MS', 5_000),
    healthFailWindowMs: count(environment, 'HEALTH_FAIL_WINDOW_MS', 10_000),
    healthMaxFails: count(environment, 'HEALTH_MAX_FAILS', 3),
    startupTries: count(environment, 'STARTUP_RETRY', 2),
    bootLimitMs: count(environment, 'BOOT_LIMIT_MS', 60_000),
    shutdownTimeoutMs: count(environment, 'SHUTDOWN_TIMEOUT_MS', 240_000),
  }
}

/** All off unless asked for: they exist so that the harness can prove that it notices. */
function readDefects(environment: Environment): Defects {
  return {
    dropConfigOnLoss: environment.ON_DP_MANAGER_LOSS === 'drop-config',
    listenBeforeConfig: environment.LISTEN_BEFORE_CONFIG === '1',
    configLoadDelayMs: count(environment, 'CONFIG_LOAD_DELAY_MS', 0),
  }
}

function count(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} is ${text}, expected a whole number of at least 0`)
  return value
}

function oneOf<const T extends string>(environment: Environment, name: string, allowed: readonly [T, ...T[]]): T {
  const text = environment[name] || allowed[0]
  const found = allowed.find((value) => value === text)
  if (found === undefined) throw new Error(`${name} is ${text}, expected one of ${allowed.join(', ')}`)
  return found
}

/** The vendor keeps the id in conf/apisix.uid so that a restarted node is the same row; ours follows from the node's name. */
function instanceIdOf(nodeName: string): string {
  const hex = createHash('sha256').update(nodeName).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
