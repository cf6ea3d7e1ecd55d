// The settings of one drill, read off the deployment as it runs: how balancers check, and how soon anything fails over.
import type { PatroniSettings, Settings } from '../history/event.ts'
import type { Options } from '../options.ts'
import type { CheckSettings } from '../topology/check.ts'
import { filesOf } from '../topology/compose.ts'
import { variablesSet } from '../topology/compose-variables.ts'
import { environmentOf } from '../topology/environment.ts'
import { balancersOf, checkOf, modeOf } from '../topology/haproxy.ts'
import { nodesOf, portOf, type Topology } from '../topology/topology.ts'
import { type Mix, sayMix } from '../traffic/mix/mix.ts'
import { totalRate } from './lanes.ts'

/** What of the deployment and the request decides what is measured: on the record of each run. */
export const settingsOf = async (topology: Topology, options: Options, mix?: Mix): Promise<Settings> => {
  const front = nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'http'))
  const { path, check } = front ? await checkOf(front) : { path: 'none' }
  const [balancer] = balancersOf(topology).filter(({ name }) => name === front?.name)
  const lbMode = balancer && (await modeOf(balancer))
  const [database] = nodesOf(topology, 'database')
  const patroni = database && patroniFrom(await environmentOf(database))
  const [gateway] = nodesOf(topology, 'data-plane')
  const watch = gateway && watchFrom(await environmentOf(gateway))
  const variables = await variablesSet(await filesOf(options), process.env)
  return {
    rate: totalRate(topology, options),
    deadlineMs: options.deadlineMs,
    ...(mix && { calls: sayMix(mix) }),
    lbCheck: path,
    ...(lbMode && { lbMode }),
    timings: timingsOf({ check, lbMode: lbMode ?? 'http', patroni, watch }),
    ...(check && { check }),
    checks: await checksOf(topology),
    ...(patroni && { patroni }),
    ...(watch && { watchTimeoutMs: watch.timeoutMs }),
    ...(Object.keys(variables).length > 0 && { variables }),
  }
}

const checksOf = async (topology: Topology): Promise<Readonly<Record<string, CheckSettings>>> => {
  const balancers = nodesOf(topology, 'load-balancer').map(
    async (node) => [node.name, (await checkOf(node)).check] as const,
  )
  const entries = await Promise.all(balancers)
  return Object.fromEntries(entries.flatMap(([name, check]) => (check ? [[name, check]] : [])))
}

/** Patroni's own variables are in seconds; undefined where the member has none of them. */
export const patroniFrom = (environment: Readonly<Record<string, string>>): PatroniSettings | undefined => {
  const [ttlMs, loopWaitMs, retryTimeoutMs] = ['PATRONI_TTL', 'PATRONI_LOOP_WAIT', 'PATRONI_RETRY_TIMEOUT'].map(
    (name) => Number(environment[name]) * 1000,
  )
  const isKnown = [ttlMs, loopWaitMs, retryTimeoutMs].every((ms) => Number.isFinite(ms))
  return isKnown ? { ttlMs: ttlMs ?? 0, loopWaitMs: loopWaitMs ?? 0, retryTimeoutMs: retryTimeoutMs ?? 0 } : undefined
}

/** When a gateway gives up a watch that is silent, and by whose timings. */
export interface WatchTimings {
  readonly set: 'lab' | 'vendor'
  readonly timeoutMs: number
}

/** A gateway's own variables; the vendor's 50 s where they say nothing (apisix/cli/config.lua). */
export const watchFrom = ({
  GATEWAY_TIMINGS,
  WATCH_TIMEOUT_MS,
}: Readonly<Record<string, string | undefined>>): WatchTimings => {
  const set = GATEWAY_TIMINGS === 'lab' ? 'lab' : 'vendor'
  return { set, timeoutMs: Number(WATCH_TIMEOUT_MS || (set === 'lab' ? 8_000 : 50_000)) }
}

/** The timings that decide how soon anything fails over, in one line: nobody should compare two runs that differ in them. */
export const timingsOf = ({
  check,
  lbMode,
  patroni,
  watch,
}: {
  readonly check: CheckSettings | undefined
  readonly lbMode: 'http' | 'tcp'
  readonly patroni: PatroniSettings | undefined
  readonly watch: WatchTimings | undefined
}): string => {
  const balancers = check ? `checks every ${check.interMs} ms, fall ${check.fall}, rise ${check.rise}` : 'no checks'
  return [
    `${setOf(check, watch)} (balancers: ${lbMode}, ${balancers}`,
    ...(watch
      ? [
          `gateways: ${watch.set === 'lab' ? "the lab's" : "the vendor's"}, silence noticed after ${watch.timeoutMs / 1000} s`,
        ]
      : []),
    ...(patroni
      ? [
          `database: ttl ${patroni.ttlMs / 1000} s, loop ${patroni.loopWaitMs / 1000} s, retry ${patroni.retryTimeoutMs / 1000} s`,
        ]
      : []),
  ]
    .join('; ')
    .concat(')')
}

/** The vendor's pages check every 10 s, and give a node up after three. */
const VENDOR_CHECK = { interMs: 10_000, fall: 3 }

/** Whose timings these are, of those that the vendor names: balancers' checks and gateways' patience. */
const setOf = (
  check: CheckSettings | undefined,
  watch: WatchTimings | undefined,
): WatchTimings['set'] | 'mixed' | 'unknown' => {
  const isVendors = check && check.interMs >= VENDOR_CHECK.interMs && check.fall >= VENDOR_CHECK.fall
  const sets = new Set<WatchTimings['set']>([
    ...(check ? [isVendors ? ('vendor' as const) : ('lab' as const)] : []),
    ...(watch ? [watch.set] : []),
  ])
  const [only = 'unknown', other] = sets
  return other === undefined ? only : 'mixed'
}
