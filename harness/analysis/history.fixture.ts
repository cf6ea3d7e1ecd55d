// Small histories built by hand: a deployment of three gateways whose truth is known, called on schedule, broken where asked.
import {
  ERROR_CLASSES,
  type ErrorClass,
  type Lane,
  type LaneHeader,
  type LanePurpose,
  NO_NODE,
  scheduledAt,
} from '../history/call.ts'
import type { Demand, Event, EventOf, FaultKind } from '../history/event.ts'
import type { BalancerCall, History, LogLine } from '../history/history.ts'
import { positionAt, type Ramp } from '../history/schedule.ts'
import type { RotationState } from '../topology/check.ts'
import type { Node, Role } from '../topology/topology.ts'

/** What goes wrong in [from, to). Calls that arrive in it are hit; `share` of them, 1 by default. */
export interface Trouble {
  readonly from: number
  readonly to: number
  /** stall: answered when it ends. slow: `slowMs` later. own-stall: the generator itself stands still. lost-row: nobody recorded it. */
  readonly how:
    | 'refused'
    | 'closed'
    | 'wrong'
    | 'not-found'
    | 'unanswered'
    | 'stall'
    | 'slow'
    | 'own-stall'
    | 'late'
    | 'shed'
    | 'lost-row'
  readonly share?: number
  readonly slowMs?: number
  /** Every caller lane by default. */
  readonly lanes?: readonly string[]
  /** Only calls that this gateway would get. */
  readonly node?: string
}

/** A fault as it goes when all goes well. */
export interface Broken {
  readonly kind: FaultKind
  readonly targets: readonly string[]
  readonly at: number
  readonly healAt: number
  readonly attested?: boolean
  readonly plannedDowntime?: boolean
  readonly asked?: Readonly<Record<string, string | number>>
  readonly id?: string
}

export interface HistorySpec {
  readonly rate?: number
  readonly seconds?: number
  readonly seed?: number
  /** The instant of each call is drawn from its interval, as callers do; otherwise a call stands at its beginning. */
  readonly isDrawn?: boolean
  readonly deadlineMs?: number
  readonly shiftMs?: number
  readonly lanes?: readonly {
    readonly lane: string
    readonly purpose: LanePurpose
    readonly rate?: number
    readonly t0?: number
    readonly ramps?: readonly Ramp[]
    /** Where its callers stand: outside where nothing is said. */
    readonly zone?: string
    /** Everything on it goes to the first gateway, as on one connection that a balancer forwards. */
    readonly isOneConnection?: boolean
    /** direct: whom it calls. */
    readonly node?: string
    readonly method?: string
  }[]
  /** Of the callers' balancer; http where absent. */
  readonly lbMode?: 'http' | 'tcp'
  readonly trouble?: readonly Trouble[]
  readonly faults?: readonly Broken[]
  /** null: the script made no claim. */
  readonly demand?: Demand | null
  readonly events?: readonly Event[]
  /** Which of the usual events to leave out. */
  readonly without?: readonly Event['kind'][]
  readonly balancerCalls?: readonly BalancerCall[]
  readonly log?: readonly LogLine[]
}

/** When the fault of `KILL` is intended, in effect, healed and clear. */
export const KILL: Broken = { kind: 'kill', targets: ['data-plane-1'], at: 8000, healAt: 14_000 }

/** How long after its intent a fault is in effect, and after healing clear, ms. */
export const TAKES_MS = 20

const DATA_PLANE = ['data-plane-1', 'data-plane-2', 'data-plane-3']

/** What the callers' balancer thinks of a gateway from an instant on, as the look saw that began 100 ms after the one before. */
export const opinion = (
  at: number,
  node: string,
  state: RotationState,
  was?: RotationState,
  lastLookAt = at - 100,
): EventOf<'rotation'> => ({
  kind: 'rotation',
  at,
  balancer: 'load-balancer-callers',
  backend: 'gateway',
  node,
  state,
  ...(was && { was }),
  lastLookAt,
})

/** What the control plane's balancer thinks of its first node from an instant on. */
export const held = (at: number, state: RotationState, was?: RotationState): Event => ({
  ...opinion(at, 'control-plane-1', state, was),
  balancer: 'load-balancer-control',
  backend: 'dashboard',
})

/** A history of two caller lanes and the control lane, 30 s long, with a kill from 8 s to 14 s; whatever else is asked for. */
export const historyOf = (spec: HistorySpec = {}): History => {
  const { seconds = 30, shiftMs = 0 } = spec
  const lanes = (spec.lanes ?? LANES).map((each, k) => laneOf(each, spec, (spec.seed ?? 1) + k))
  const usual: readonly Event[] = [
    runEvent(spec),
    ...aroundLanes(lanes, seconds * 1000),
    ...(spec.faults ?? [KILL]).flatMap(faultEvents),
    ...closing(spec),
    ...ownStalls(spec),
  ]
  const kept = usual.filter((event) => !(spec.without ?? []).includes(event.kind))
  const events = [...kept, ...(spec.events ?? [])].sort((a, b) => a.at - b.at)
  return {
    events: events.map((event) => shifted(event, shiftMs)),
    lanes,
    balancerCalls: spec.balancerCalls ?? [],
    log: spec.log ?? [],
  }
}

/** Numbers in [0, 1) that are the same in every run. */
export const randomOf = (seed: number): (() => number) => {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 4_294_967_296
  }
}

/** A copy of a lane in which call i ended otherwise. */
export const withOutcome = (lane: Lane, i: number, errorClass: ErrorClass): Lane => {
  const copy = lane.errorClass.slice()
  copy[i] = ERROR_CLASSES.indexOf(errorClass)
  return { ...lane, errorClass: copy }
}

const LANES = [
  { lane: 'kept-alive', purpose: 'callers' },
  { lane: 'new-connections', purpose: 'callers' },
  { lane: 'control', purpose: 'control' },
] as const

/** The usual lanes, a slow one with a body, and one straight to each gateway. */
export const ALL_LANES: NonNullable<HistorySpec['lanes']> = [
  ...LANES,
  { lane: 'post', purpose: 'callers', rate: 20, method: 'POST' },
  ...DATA_PLANE.map((node) => ({ lane: `direct-${node}`, purpose: 'direct', rate: 10, node }) as const),
]

const laneOf = (of: NonNullable<HistorySpec['lanes']>[number], spec: HistorySpec, seed: number): Lane => {
  const random = randomOf(seed)
  const rate = of.rate ?? spec.rate ?? 200
  const t0 = of.t0 ?? 100
  const ramped = of.ramps ? { ramps: of.ramps } : {}
  // A call that is due at the end in one way of reckoning is so in every other.
  const count = Math.floor(positionAt({ t0, rate, ...ramped }, (spec.seconds ?? 30) * 1000) + 1e-6)
  const deadlineMs = spec.deadlineMs ?? DEADLINE_MS
  const drawn = spec.isDrawn ? { seed } : {}
  const lane = emptyLane({ ...headerOf(of, rate, t0 + (spec.shiftMs ?? 0)), deadlineMs, ...drawn, ...ramped }, count)
  const trouble = (spec.trouble ?? []).filter(
    (each) => each.how === 'own-stall' || (each.lanes ?? ['kept-alive', 'new-connections']).includes(of.lane),
  )
  for (let i = 0; i < count; i += 1) {
    const at = scheduledAt({ t0, rate, ...drawn, ...ramped }, i)
    const node = of.isOneConnection ? 0 : of.node ? DATA_PLANE.indexOf(of.node) : i % DATA_PLANE.length
    const call = answered(trouble, { at, tookMs: 1 + random(), node: DATA_PLANE[node] ?? '', random, deadlineMs })
    lane.lateUs[i] = call.lateMs * 1000
    lane.latencyUs[i] = call.latencyMs * 1000
    lane.errorClass[i] = ERROR_CLASSES.indexOf(call.errorClass)
    lane.status[i] = call.status
    lane.node[i] = of.purpose !== 'control' && call.status > 0 ? node : NO_NODE
    lane.recorded[i] = call.isRecorded ? 1 : 0
  }
  return lane
}

interface Ended {
  readonly lateMs: number
  readonly latencyMs: number
  readonly errorClass: ErrorClass
  readonly status: number
  readonly isRecorded: boolean
}

const DEADLINE_MS = 2000

/** The truth: a call arrives half its time after it was sent, meets what is wrong there and then, and takes the other half back. */
const answered = (
  trouble: readonly Trouble[],
  call: { at: number; tookMs: number; node: string; random: () => number; deadlineMs: number },
): Ended => {
  const { at, tookMs, node, random, deadlineMs } = call
  const own = trouble.find((each) => each.how === 'own-stall' && at >= each.from && at < each.to)
  const tardy = trouble.find((each) => each.how === 'late' && at >= each.from && at < each.to)
  const lateMs = 0.1 + (own ? own.to - at : 0) + (tardy?.slowMs ?? 0)
  const arrivesAt = at + lateMs + tookMs / 2
  const hit = trouble.find(
    (each) =>
      !['own-stall', 'late'].includes(each.how) &&
      arrivesAt >= each.from &&
      arrivesAt < each.to &&
      (each.node ?? node) === node &&
      random() < (each.share ?? 1),
  )
  const well: Ended = { lateMs, latencyMs: lateMs + tookMs, errorClass: 'none', status: 200, isRecorded: true }
  const asleep = trouble.find(
    (each) => each.how === 'own-stall' && at + well.latencyMs >= each.from && at + well.latencyMs < each.to,
  )
  if (!hit) return asleep ? { ...well, latencyMs: asleep.to - at } : well
  switch (hit.how) {
    case 'refused':
      return { ...well, errorClass: 'connection-refused', status: 0 }
    case 'closed':
      return { ...well, errorClass: 'connection-closed', status: 0 }
    case 'wrong':
      return { ...well, errorClass: 'server-error', status: 503 }
    case 'not-found':
      return { ...well, errorClass: 'client-error', status: 404 }
    case 'unanswered':
      return { ...well, latencyMs: deadlineMs, errorClass: 'deadline', status: 0 }
    case 'stall':
      return hit.to - at + tookMs / 2 > deadlineMs
        ? { ...well, latencyMs: deadlineMs, errorClass: 'deadline', status: 0 }
        : { ...well, latencyMs: hit.to - at + tookMs / 2 }
    case 'slow':
      return { ...well, latencyMs: well.latencyMs + (hit.slowMs ?? 300) }
    case 'shed':
      return { ...well, errorClass: 'shed', status: 0 }
    case 'lost-row':
      return { ...well, isRecorded: false }
    case 'late':
    case 'own-stall':
      return well
  }
}

const headerOf = (
  { lane, purpose, node, method, zone = 'outside' }: NonNullable<HistorySpec['lanes']>[number],
  rate: number,
  t0: number,
): LaneHeader => ({
  schema: 'firedrill.calls/1',
  lane,
  purpose,
  zone,
  connections: lane.includes('new') ? 'new' : 'kept-alive',
  ...(node !== undefined && { node }),
  method: method ?? 'GET',
  url: 'http://10.213.77.10/orders',
  rate,
  t0,
  deadlineMs: DEADLINE_MS,
  nodes: DATA_PLANE,
  requestIdPrefix: `r-${lane}-`,
})

const emptyLane = (header: LaneHeader, count: number): Lane => ({
  header,
  count,
  lateUs: new Uint32Array(count),
  latencyUs: new Uint32Array(count),
  errorClass: new Uint8Array(count),
  node: new Uint8Array(count),
  flags: new Uint8Array(count),
  status: new Uint16Array(count),
  recorded: new Uint8Array(count),
})

const nodeOf = (name: string, role: Role): Node => ({
  name,
  role,
  zone: name.endsWith('2') ? 'b' : 'a',
  containers: [
    {
      id: `id-${name}`,
      name: `firedrill_${name}_1`,
      service: name,
      address: '10.213.77.2',
      image: 'firedrill/gateway',
      ports: {},
    },
  ],
})

const runEvent = (spec: HistorySpec): Event => ({
  kind: 'run',
  at: 0,
  schema: 'firedrill.history/1',
  run: 'fixture',
  seed: 7,
  startedAt: '2026-11-20T14:02:11.482Z',
  scenario: { name: 'fixture', title: 'a fixture', file: 'scenarios/fixture.scenario.ts', tags: [] },
  topology: {
    stack: 'high-availability',
    project: 'firedrill',
    network: 'firedrill_deployment',
    subnet: '10.213.77',
    nodes: [
      ...DATA_PLANE.map((name) => nodeOf(name, 'data-plane')),
      nodeOf('control-plane-1', 'control-plane'),
      nodeOf('control-plane-2', 'control-plane'),
      nodeOf('load-balancer-callers', 'load-balancer'),
      nodeOf('upstream-1', 'upstream'),
    ],
  },
  settings: {
    rate: spec.rate ?? 200,
    deadlineMs: DEADLINE_MS,
    lbCheck: '/status',
    ...(spec.lbMode && { lbMode: spec.lbMode }),
    timings: 'vendor',
    check: { interMs: 1000, fastinterMs: 300, fall: 2, rise: 2, timeoutMs: 500 },
  },
})

const aroundLanes = (lanes: readonly Lane[], endMs: number): readonly Event[] => [
  { kind: 'clock', at: 1, sameKernel: true, offsetMs: 0, errorMs: 0 },
  ...lanes.map(({ header }): Event => ({ kind: 'lane', at: 2, header })),
  ...DATA_PLANE.map((node) => opinion(3, node, 'in', undefined, 2)),
  { kind: 'steady', at: 7000, ok: true, checks: [] },
  ...lanes.map(({ header, count }): Event => ({ kind: 'lane-closed', at: endMs, lane: header.lane, count })),
]

/** A fault attested within 20 ms; the balancer drops its targets 1 s later and admits them 2 s after healing. */
const faultEvents = (broken: Broken): readonly Event[] => {
  const { kind: fault, targets, at, healAt, attested = true, id = `${broken.kind}-${at}` } = broken
  const more = {
    ...(broken.plannedDowntime && { plannedDowntime: true }),
    ...(broken.asked && { asked: broken.asked }),
  }
  const of = { kind: 'fault', id, fault, targets, ...more } as const
  const evidence = (when: number) => [{ source: 'engine event', said: 'it was so', confirms: true, at: when }]
  const rotations = targets
    .filter((node) => DATA_PLANE.includes(node))
    .flatMap((node): readonly Event[] => [
      { ...opinion(at + 1000, node, 'out', 'in'), reason: 'L4CON' } as Event,
      opinion(healAt + 2000, node, 'in', 'out'),
    ])
  if (!attested)
    return [
      { ...of, at, stage: 'intent' },
      { ...of, at: at + 5, stage: 'injected' },
    ]
  return [
    { ...of, at, stage: 'intent' },
    { ...of, at: at + 5, stage: 'injected' },
    {
      ...of,
      at: at + 30,
      stage: 'in-effect',
      evidence: evidence(at + TAKES_MS),
      bounds: [at + TAKES_MS - 5, at + TAKES_MS + 5],
    },
    { ...of, at: healAt, stage: 'heal' },
    { ...of, at: healAt + 10, stage: 'healed' },
    {
      ...of,
      at: healAt + 30,
      stage: 'clear',
      evidence: evidence(healAt + TAKES_MS),
      bounds: [healAt + TAKES_MS - 5, healAt + TAKES_MS + 5],
    },
    ...rotations,
  ]
}

const closing = (spec: HistorySpec): readonly Event[] => {
  const end = Math.max(0, ...(spec.faults ?? [KILL]).map((fault) => fault.healAt)) + 3000
  return [
    { kind: 'steady', at: end, ok: true, checks: [] },
    ...(spec.demand === null ? [] : [{ kind: 'claim', at: end + 1, demand: spec.demand ?? {} } as const]),
    { kind: 'script', at: end + 2, outcome: 'finished' },
  ]
}

const ownStalls = (spec: HistorySpec): readonly Event[] =>
  (spec.trouble ?? [])
    .filter((each) => each.how === 'own-stall')
    .map(({ from, to }) => ({ kind: 'generator-stall', at: to, stallMs: to - from }))

const shifted = (event: Event, ms: number): Event => (ms === 0 ? event : (moved(event, ms) as Event))

const TIMES = new Set(['at', 'lastLookAt', 'since', 't0'])

/** Moves every instant in a value by `ms`. */
const moved = (value: unknown, ms: number, key = ''): unknown => {
  if (typeof value === 'number') return TIMES.has(key) || key === 'bounds' ? value + ms : value
  if (Array.isArray(value)) return value.map((each) => moved(each, ms, key))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, moved(each, ms, name)]))
}
