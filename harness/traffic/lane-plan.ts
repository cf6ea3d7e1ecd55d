// A lane as it is planned, what the record says of it, and what the callers' program is told.
import { createHash } from 'node:crypto'
import type { LaneHeader, LanePurpose, MixedRoute } from '../history/call.ts'
import type { LaneOrder, RequestOrder } from './caller/protocol.ts'

export interface LanePlan {
  /** Unique in the run and fit for a file name: 'kept-alive'. */
  readonly lane: string
  readonly purpose: LanePurpose
  /** The zone the caller stands in. */
  readonly zone: string
  readonly connections: 'kept-alive' | 'new'
  /** HTTP/1.1 where nothing is said. */
  readonly protocol?: 'h2'
  /** direct: whom it calls. */
  readonly node?: string
  /** GET by default. */
  readonly method?: string
  readonly url: string
  /** Calls a second. */
  readonly rate: number
  readonly deadlineMs: number
  /** May be secret (a session's cookie): sent, and never recorded. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM certificates that an https answer must chain to; without it any certificate will do. */
  readonly ca?: string
  /** 200 by default. */
  readonly expectStatus?: number
  /** The answer must hold the call's own id, `"requestId":"<id>"`, and `"bodySha256":"<hash>"` of a body that was sent. */
  readonly expectEcho: boolean
  /** The answer must hold this text instead. */
  readonly expectBody?: string
  /** A mix: on the origin of `url`, each call is one of these instead. */
  readonly requests?: readonly RequestOrder[]
}

/** The response header in which the balancer, or the gateway, names the node that answered. */
const NODE_HEADER = 'x-firedrill-node'

/** Where the balancer only forwards connections, the upstream says who called it: a gateway's address. */
const VIA_HEADER = 'x-firedrill-via'

const FITS_A_FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Throws RangeError on a plan that cannot be carried out. */
export const orderOf = (
  plan: LanePlan,
  {
    run,
    seed,
    nodes,
    addresses = {},
  }: { run: string; seed: number; nodes: readonly string[]; addresses?: Readonly<Record<string, string>> },
): LaneOrder => {
  if (!FITS_A_FILE_NAME.test(plan.lane)) {
    throw new RangeError(`'${plan.lane}' cannot name a lane: expected letters, digits, dots and dashes, at most 64.`)
  }
  refuseRate(plan.lane, plan.rate)
  if (!(plan.deadlineMs > 0))
    throw new RangeError(`Lane ${plan.lane} has a deadline of ${plan.deadlineMs} ms: expected more than 0.`)
  if (nodes.length > 255)
    throw new RangeError(`${nodes.length} nodes do not fit the node column: expected at most 255.`)
  return {
    lane: plan.lane,
    connections: plan.connections,
    ...(plan.protocol && { protocol: plan.protocol }),
    method: plan.method ?? 'GET',
    url: new URL(plan.url).href,
    headers: plan.headers ?? {},
    ...(plan.body === undefined ? {} : { body: plan.body }),
    ...(plan.ca === undefined ? {} : { ca: plan.ca }),
    rate: plan.rate,
    seed: seedOf(seed, plan.lane),
    deadlineMs: plan.deadlineMs,
    expectStatus: plan.expectStatus ?? 200,
    expectEcho: plan.expectEcho,
    ...(plan.expectBody === undefined ? {} : { expectBody: plan.expectBody }),
    nodeHeaders: [NODE_HEADER, VIA_HEADER],
    nodes,
    knownAs: knownAs(nodes, addresses),
    requestIdPrefix: `${run}.${plan.lane}.`,
    ...(plan.requests && { requests: plan.requests }),
  }
}

/** Throws RangeError on a rate that no lane can have. */
export const refuseRate = (lane: string, rate: number): void => {
  if (rate > 0 && rate <= 50_000) return
  throw new RangeError(`Lane ${lane} wants ${rate} calls/s: expected more than 0, at most 50,000.`)
}

/** Of 32 bits: another one for every lane, the same ones when a drill is played again with its seed. */
const seedOf = (seed: number, lane: string): number =>
  createHash('sha256').update(`${seed} ${lane}`).digest().readUInt32LE()

const knownAs = (
  nodes: readonly string[],
  addresses: Readonly<Record<string, string>>,
): Readonly<Record<string, number>> => {
  const names = Object.fromEntries(nodes.map((node, i) => [node, i]))
  const more = Object.entries(addresses).flatMap(([address, node]) => {
    const i = names[node]
    return i === undefined ? [] : [[address, i] as const]
  })
  return { ...Object.fromEntries(more), ...names }
}

/** `t0` in ms since the run began. Neither headers nor a password in the URL are recorded. */
export const headerOf = (plan: LanePlan, order: LaneOrder, t0: number): LaneHeader => {
  const url = new URL(order.url)
  url.username = ''
  url.password = ''
  return {
    schema: 'firedrill.calls/1',
    lane: plan.lane,
    purpose: plan.purpose,
    zone: plan.zone,
    connections: plan.connections,
    ...(plan.protocol && { protocol: plan.protocol }),
    ...(plan.node !== undefined && { node: plan.node }),
    method: order.method,
    url: url.href,
    rate: plan.rate,
    t0,
    ...(order.seed !== undefined && { seed: order.seed }),
    deadlineMs: plan.deadlineMs,
    nodes: order.nodes,
    requestIdPrefix: order.requestIdPrefix,
    ...(order.requests && { mix: order.requests.map(routeOf) }),
  }
}

const routeOf = ({ method, path, weight }: RequestOrder): MixedRoute => {
  const [plain = ''] = path.split('?')
  return { route: `${method} ${plain.split('/').map(segmentOf).join('/')}`, weight }
}

/** A long segment with digits is an id of something, or a token: one is as good as another, and the other is nobody's to read. */
const segmentOf = (segment: string): string => (segment.length >= 20 && /\d/.test(segment) ? '*' : segment)
