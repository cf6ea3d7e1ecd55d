// The settings of one drill, read off the deployment as it runs: how balancers check, and how soon anything fails over.
import type { Settings } from './history/event.ts'
import type { Options } from './options.ts'
import { environmentOf } from './topology/environment.ts'
import { balancersOf, type Check, checkOf, modeOf } from './topology/haproxy.ts'
import { nodesOf, portOf, type Topology } from './topology/topology.ts'

/** What of the deployment and the request decides what is measured: on the record of each run. */
export const settingsOf = async (topology: Topology, options: Options): Promise<Settings> => {
  const front = nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'http'))
  const { path, check } = front ? await checkOf(front) : { path: 'none' }
  const [balancer] = balancersOf(topology).filter(({ name }) => name === front?.name)
  const lbMode = balancer && (await modeOf(balancer))
  return {
    rate: options.rate,
    deadlineMs: options.deadlineMs,
    lbCheck: path,
    ...(lbMode && { lbMode }),
    timings: await timingsOf(topology, { check, lbMode: lbMode ?? 'http' }),
    ...(check && { check }),
  }
}

/** The timings that decide how soon anything fails over, in one line: nobody should compare two runs that differ in them. */
const timingsOf = async (
  topology: Topology,
  { check, lbMode }: { readonly check: Check | undefined; readonly lbMode: 'http' | 'tcp' },
): Promise<string> => {
  const [gateway] = nodesOf(topology, 'data-plane')
  const [database] = nodesOf(topology, 'database')
  const balancers = check ? `checks every ${check.interMs} ms, fall ${check.fall}, rise ${check.rise}` : 'no checks'
  const gateways = gateway && (await environmentOf(gateway)).GATEWAY_TIMINGS
  const patroni = database ? await environmentOf(database) : {}
  const { PATRONI_TTL: ttl, PATRONI_LOOP_WAIT: loop, PATRONI_RETRY_TIMEOUT: retry } = patroni
  return [
    `lab (balancers: ${lbMode}, ${balancers}`,
    `gateways: ${gateways === 'lab' ? "the lab's" : "the vendor's"}`,
    ...(ttl === undefined ? [] : [`database: ttl ${ttl} s, loop ${loop} s, retry ${retry} s`]),
  ]
    .join('; ')
    .concat(')')
}
