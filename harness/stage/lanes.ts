// Which lanes a drill calls through, at which rate, and by what the nodes behind the answers are known.
import { setTimeout as pause } from 'node:timers/promises'
import { LEAST_WATCHING_RATE } from '../analysis/sight.ts'
import type { Options } from '../options.ts'
import { EnvironmentError } from '../time/errors.ts'
import { CALLED_PATH, CALLED_SERVICE } from '../topology/called-route.ts'
import { replacementAddress } from '../topology/replacement.ts'
import { type Node, nodesOf, portOf, type Topology, urlOf, type Zone } from '../topology/topology.ts'
import { mainLaneCount, placesOf } from '../topology/zones.ts'
import type { Callers, LanePlan } from '../traffic/callers.ts'
import type { Mix } from '../traffic/mix/mix.ts'
import { servicesPath } from '../traffic/published.ts'

const DASHBOARD_RATE = 20

/**
 * A side lane shows what the two main ones cannot, a protocol, a method, one node, and need not see short outages: it calls
 * at a twentieth of the asked rate, at most 10 times a second, beside what was asked for.
 */
const sideRate = (topology: Topology, options: Options): number => Math.min(10, totalRate(topology, options) / 20)

/** Calls a second where callers stand in one place. */
const USUAL_RATE = 200

/** Calls a second on a main lane where they stand in several: it is to see 50 ms, and not just barely. */
const LEAST_LANE_RATE = LEAST_WATCHING_RATE + 4

const placesIn = ({ callerZones = [] }: Topology): readonly Zone[] => placesOf(callerZones)

/** Calls a second through the balancer that the main lanes make together, from every place where callers stand. */
export const totalRate = (topology: Topology, { rate }: Pick<Options, 'rate'>): number => {
  const places = placesIn(topology)
  return rate ?? (places.length === 1 ? USUAL_RATE : mainLaneCount(places) * LEAST_LANE_RATE)
}

/** What the plans depend on beyond the topology: the control lane's echo, and whether the callers' balancer speaks HTTP/2. */
export interface LaneWorld {
  readonly echo: string
  readonly speaksHttp2: boolean
  /** What the main lanes draw their requests from. */
  readonly mix?: Mix | undefined
}

/**
 * Through the balancer on kept-alive and on new connections, from every place where callers stand; from outside also with a body, over
 * TLS and HTTP/2 where it speaks them; each gateway without it; and beside the deployment to the echo.
 */
export const lanePlans = (topology: Topology, options: Options, world: LaneWorld): readonly LanePlan[] => [
  ...mainLanes(topology, options, world),
  ...sideLanes(topology, options, world),
  ...directLanes(topology, options),
]

/** Those that make the asked rate, and the control lane, which is as fast as each of them. */
export const mainLanes = (topology: Topology, options: Options, world: LaneWorld): readonly LanePlan[] => {
  const places = placesIn(topology)
  const rate = totalRate(topology, options) / mainLaneCount(places)
  const main = { rate, deadlineMs: options.deadlineMs, expectEcho: true } as const
  const callers = {
    ...main,
    purpose: 'callers',
    url: callersUrl(frontOf(topology, 'http'), 'http') ?? '',
    ...(world.mix && { requests: world.mix.requests }),
  } as const
  const control = { purpose: 'control', connections: 'kept-alive', url: `${world.echo}${CALLED_PATH}` } as const
  return [
    ...places.flatMap((zone): readonly LanePlan[] => {
      const from = zone === 'outside' ? '' : `-${zone}`
      return [
        { ...callers, zone, lane: `kept-alive${from}`, connections: 'kept-alive' },
        { ...callers, zone, lane: `new-connections${from}`, connections: 'new' },
      ]
    }),
    { ...main, ...control, zone: 'outside', lane: 'control' },
  ]
}

/** A body of 2 kB: more than one piece for whoever reads by the kilobyte, and worth a look at whether all of it arrived. */
const ORDER = JSON.stringify({ item: 'a lamp', note: 'n'.repeat(2000) })

const sideLanes = (topology: Topology, options: Options, { speaksHttp2 }: LaneWorld): readonly LanePlan[] => {
  const front = callersUrl(frontOf(topology, 'http'), 'http') ?? ''
  const secure = callersUrl(frontOf(topology, 'https'), 'https')
  const side = {
    purpose: 'callers',
    zone: 'outside',
    rate: sideRate(topology, options),
    deadlineMs: options.deadlineMs,
    expectEcho: true,
  } as const
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': String(ORDER.length) },
    body: ORDER,
  }
  return [
    { ...side, ...post, lane: 'post', connections: 'kept-alive', url: front },
    // What TLS adds is made anew with each connection; what HTTP/2 adds is that one connection carries everything.
    ...(secure ? [{ ...side, lane: 'https', connections: 'new', url: secure } as const] : []),
    ...(secure && speaksHttp2
      ? [{ ...side, lane: 'http2', connections: 'kept-alive', protocol: 'h2', url: secure } as const]
      : []),
  ]
}

/** On new connections: each call says by itself whether the node is there. */
const directLanes = (topology: Topology, options: Options): readonly LanePlan[] =>
  nodesOf(topology, 'data-plane').flatMap((node) => {
    const url = callersUrl(node, 'http')
    if (!url) return []
    return [
      {
        lane: `direct-${node.name}`,
        purpose: 'direct',
        node: node.name,
        zone: 'outside',
        connections: 'new',
        url,
        rate: sideRate(topology, options),
        deadlineMs: options.deadlineMs,
        expectEcho: true,
      },
    ]
  })

const HANDSHAKE_LIMIT_MS = 2000
/** As the lanes open everything may want a processor at once: a handshake that came about in time once is enough. */
const MOST_HANDSHAKES = 5
const NEXT_HANDSHAKE_MS = 250

/**
 * Asks the callers' balancer itself: one that forwards connections speaks what the gateways speak. Throws EnvironmentError where it does not
 * say: a drill without the HTTP/2 lane would pass for one that had it.
 */
export const speaksHttp2 = async (topology: Topology, { negotiate }: Pick<Callers, 'negotiate'>): Promise<boolean> => {
  const front = frontOf(topology, 'https')
  const found = front && portOf(front, 'https')
  if (!found) return false
  const { address } = found.container
  const offered = { protocols: ['h2', 'http/1.1'], timeoutMs: HANDSHAKE_LIMIT_MS }
  for (let times = 1; times <= MOST_HANDSHAKES; times += 1) {
    const { isMade, chosen } = await negotiate(address, found.port.inside, offered)
    if (isMade) return chosen === 'h2'
    if (times < MOST_HANDSHAKES) await pause(NEXT_HANDSHAKE_MS)
  }
  throw new EnvironmentError(
    `${front.name} made no TLS handshake on ${address}:${found.port.inside} within ${HANDSHAKE_LIMIT_MS} ms, ${MOST_HANDSHAKES} times: nobody knows whether it speaks HTTP/2, and which lanes to open.`,
    { code: 'ERR_NO_HANDSHAKE' },
  )
}

/** Calls a second of all the lanes that count as callers. */
export const callersRate = (plans: readonly LanePlan[]): number =>
  plans.filter(({ purpose }) => purpose === 'callers').reduce((sum, { rate }) => sum + rate, 0)

/** The balancer in front of the gateways, where it has such a port. */
const frontOf = (topology: Topology, port: string): Node | undefined =>
  nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'http') && portOf(node, port))

const callersUrl = (node: Node | undefined, port: 'http' | 'https'): string | null =>
  node ? urlOf(node, port, CALLED_PATH, port) : null

/** Which list it is that an operator reads, and with whose session. */
export interface OperatorSession {
  /** Secret. */
  readonly cookie: string
  /** The id of the gateway group. */
  readonly group: string
}

export const dashboardLanes = (
  topology: Topology,
  options: Options,
  { cookie, group }: OperatorSession,
): readonly LanePlan[] => {
  const front = nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'dashboard'))
  const url = front && urlOf(front, 'dashboard', servicesPath(group))
  if (!url) return []
  const common = {
    purpose: 'dashboard',
    zone: 'outside',
    url,
    rate: DASHBOARD_RATE,
    deadlineMs: options.deadlineMs,
    headers: { cookie },
    expectEcho: false,
    // A list that is empty, and a maintenance page, come with 200 too.
    expectBody: `"name":"${CALLED_SERVICE}"`,
  } as const
  return [
    { ...common, lane: 'dashboard-kept-alive', connections: 'kept-alive' },
    { ...common, lane: 'dashboard-new', connections: 'new' },
  ]
}

/** Whose each address is, for answers that name nobody; a node that is replaced meanwhile answers from the second. */
export const addressesOf = (topology: Topology): Readonly<Record<string, string>> =>
  Object.fromEntries(
    topology.nodes.flatMap(({ name, containers }) =>
      containers.flatMap(({ address }) => [
        [address, name],
        [replacementAddress(address), name],
      ]),
    ),
  )
