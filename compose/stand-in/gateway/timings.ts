// The two named sets of timings a gateway keeps, the vendor's and the lab's, and how old a configuration may get with them.
import { count, type Environment, oneOf } from './environment.ts'

export interface Timings {
  /** Silence after which a watch is opened again on the next endpoint; also the limit for opening one. */
  readonly watchTimeoutMs: number
  /** Limit of every other call: range, heartbeat, authenticate. */
  readonly callTimeoutMs: number
  /** Limit for a connection to stand; the limit of the call it is for applies as well. */
  readonly connectTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly metricsIntervalMs: number
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
  readonly resyncDelayMs: number
  readonly healthFailWindowMs: number
  readonly healthMaxFails: number
  readonly startupTries: number
  /** Limit for one look at an endpoint's version at the start; three seconds in apisix/cli/etcd.lua. */
  readonly versionLimitMs: number
  readonly bootLimitMs: number
  readonly shutdownTimeoutMs: number
}

export type TimingSet = 'vendor' | 'lab'

/** apisix/cli/config.lua, config_etcd.lua and the 3.x chart: a black-holed endpoint is noticed after up to 50 s, twice that with bad luck. */
const vendor: Timings = {
  watchTimeoutMs: 50_000,
  callTimeoutMs: 30_000,
  connectTimeoutMs: 50_000,
  heartbeatIntervalMs: 10_000,
  metricsIntervalMs: 15_000,
  backoffBaseMs: 1_000,
  backoffMaxMs: 32_000,
  resyncDelayMs: 5_000,
  healthFailWindowMs: 10_000,
  healthMaxFails: 3,
  startupTries: 2,
  versionLimitMs: 3_000,
  bootLimitMs: 60_000,
  shutdownTimeoutMs: 240_000,
}

/** So quick that a drill need not wait for minutes, and no quicker: an update arrives within 20 s with two endpoints black-holed. */
const lab: Timings = {
  ...vendor,
  watchTimeoutMs: 8_000,
  callTimeoutMs: 4_000,
  connectTimeoutMs: 1_000,
  heartbeatIntervalMs: 2_000,
  metricsIntervalMs: 5_000,
  backoffMaxMs: 4_000,
  resyncDelayMs: 1_000,
  healthFailWindowMs: 5_000,
  shutdownTimeoutMs: 30_000,
}

export const timingSets: Readonly<Record<TimingSet, Timings>> = { vendor, lab }

/** `GATEWAY_TIMINGS` names the set; each value can still be given by itself. HEARTBEAT_INTERVAL_MS=0 means no heartbeats (plain etcd). */
export function readTimings(environment: Environment): { readonly timingSet: TimingSet; readonly timings: Timings } {
  const timingSet = oneOf(environment, 'GATEWAY_TIMINGS', ['vendor', 'lab'])
  const set = timingSets[timingSet]
  const entries = Object.entries(variables).map(([key, name]) => [
    key,
    count(environment, name, set[key as keyof Timings]),
  ])
  return { timingSet, timings: Object.fromEntries(entries) as unknown as Timings }
}

/**
 * The longest an update can take, in ms, when endpoints turned into black holes: the open watch has to fall silent, and every
 * further black hole in the ring costs one attempt. A hole that accepts and stays silent, like a stopped process, costs the
 * watch timeout; one that swallows packets never more, since the connect timeout ends with it.
 */
export function stalenessBoundMs(timings: Timings, blackHoles: number): number {
  // The HTTP client looks at its timeouts only twice a second, and counts from the look after the last byte.
  const coarseMs = 1_000
  return blackHoles * (timings.watchTimeoutMs + coarseMs)
}

const variables: Readonly<Record<keyof Timings, string>> = {
  watchTimeoutMs: 'WATCH_TIMEOUT_MS',
  callTimeoutMs: 'CALL_TIMEOUT_MS',
  connectTimeoutMs: 'CONNECT_TIMEOUT_MS',
  heartbeatIntervalMs: 'HEARTBEAT_INTERVAL_MS',
  metricsIntervalMs: 'METRICS_INTERVAL_MS',
  backoffBaseMs: 'BACKOFF_BASE_MS',
  backoffMaxMs: 'BACKOFF_MAX_MS',
  resyncDelayMs: 'RESYNC_DELAY_MS',
  healthFailWindowMs: 'HEALTH_FAIL_WINDOW_MS',
  healthMaxFails: 'HEALTH_MAX_FAILS',
  startupTries: 'STARTUP_RETRY',
  versionLimitMs: 'VERSION_LIMIT_MS',
  bootLimitMs: 'BOOT_LIMIT_MS',
  shutdownTimeoutMs: 'SHUTDOWN_TIMEOUT_MS',
}
