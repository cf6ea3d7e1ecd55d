// The analysis of a data-plane node killed at 8 s and out of rotation from 10.3 s to 21.4 s, built by hand.
import type {
  Analysis,
  FaultAnalysis,
  LaneAnalysis,
  NodeAnalysis,
  RotationSpan,
  Series,
  ZoneAnalysis,
} from '../analysis/analysis.ts'

const KILLED_AT = 8_000
const EJECTED_AT = 10_300
const HEALED_AT = 18_000
const READMITTED_AT = 21_400
export const END = 36_000

// A generator of our own keeps the fixture the same in every run.
const noise = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** A lane's series over `steps` steps of 100 ms, with a bump of latency and losses in [from, to). */
const sampleSeries = (
  seed: number,
  steps: number,
  bump: readonly [number, number] = [KILLED_AT, EJECTED_AT],
): Series => {
  const random = noise(seed)
  const at = Array.from({ length: steps }, (_, i) => i * 100)
  const hit = at.map((t) => t >= bump[0] && t < bump[1])
  const refused = hit.map((is, i) => (is && i % 4 === 1 ? 1 : 0))
  const unanswered = hit.map((is, i) => (is && i % 9 === 4 ? 1 : 0))
  return {
    from: 0,
    stepMs: 100,
    answered: at.map((_, i) => 20 - (refused[i] ?? 0) - (unanswered[i] ?? 0)),
    wrong: at.map((t) => (t === bump[0] + 100 ? 2 : 0)),
    refused,
    unanswered,
    unsent: at.map(() => 0),
    p50: at.map(() => 0.8 + random() * 0.2),
    p99: hit.map((is) => (is ? 180 + random() * 160 : 2 + random() * 2)),
    max: hit.map((is) => (is ? 340 + random() * 400 : 4 + random() ** 4 * 12)),
  }
}

const latency = (p50: number, p99: number, max: number, count: number) => ({
  count,
  p50,
  p90: p50 * 1.7,
  p99,
  p999: (p99 + max) / 2,
  max,
})

const counts = (answered: number, lost: number) => ({
  answered,
  wrong: lost > 4 ? 2 : 0,
  refused: lost > 4 ? lost - 4 : lost,
  unanswered: lost > 4 ? 2 : 0,
  unsent: 0,
})

/** What a lane that lost calls between 8.02 s and 10.31 s says of its service. */
const service = (
  lost: number,
  count: number,
): Pick<LaneAnalysis, 'errorBursts' | 'brownOuts' | 'worstWindows' | 'errorBudgets'> => {
  const budget = (promised: number) => ({
    promised,
    badMs: lost * 5,
    used: (lost * 5) / ((1 - promised) * 2_592_000_000),
    burnRate: { steady: 0, disturbed: lost / 2680 / (1 - promised), recovered: 0 },
  })
  if (lost === 0)
    return { errorBursts: [], brownOuts: [], worstWindows: [], errorBudgets: [budget(0.999), budget(0.9999)] }
  const windows = [
    [100, 8, 20],
    [1000, 12, 200],
    [10_000, lost, 2000],
    [count * 5, lost, count],
  ] as const
  return {
    errorBursts: [
      {
        from: 8_020,
        to: 8_060,
        lost: 8,
        lostInDoubt: 0,
        peakShare: 0.4,
        classes: { 'connection-refused': 6, 'server-error': 2 },
        nodes: ['data-plane-1'],
      },
    ],
    brownOuts: [{ from: 10_400, to: 11_200, worstP99: 412, limitMs: 250 }],
    worstWindows: windows.map(([lengthMs, gone, of]) => ({
      lengthMs,
      from: 8_020,
      lost: gone,
      of,
      availability: 1 - gone / of,
    })),
    errorBudgets: [budget(0.999), budget(0.9999)],
  }
}

export const lane = (
  name: string,
  seed: number,
  { steps, lost = 0 }: { steps: number; lost?: number },
): LaneAnalysis => ({
  lane: name,
  purpose: name === 'control' ? 'control' : name === 'dashboard' ? 'dashboard' : 'callers',
  zone: name === 'new' ? 'b' : 'a',
  rate: 200,
  count: steps * 20,
  phases: [
    { phase: 'steady', counts: counts(1600, 0), latency: latency(0.88, 3.1, 9.2, 1600) },
    {
      phase: 'disturbed',
      counts: counts(2680 - lost, lost),
      latency: latency(0.92, lost ? 312 : 3.3, lost ? 2000 : 12.1, 2680),
    },
    { phase: 'recovered', counts: counts(2920, 0), latency: latency(0.87, 3.2, 11.4, 2920) },
  ],
  outages:
    lost > 0
      ? [
          {
            lane: name,
            kind: 'partial',
            from: 8_020,
            to: 10_310,
            length: { point: 2_290, min: 2_285, max: 2_295 },
            lost,
            lossDerivedMs: lost * 5,
            nodes: ['data-plane-1'],
            ownStallMs: 0,
          },
          {
            lane: name,
            kind: 'full',
            nature: 'hard',
            from: 8_020,
            to: 8_061,
            length: { point: 41, min: 36, max: 46 },
            lost: 8,
            lossDerivedMs: 40,
            nodes: ['data-plane-1'],
            ownStallMs: 0.4,
          },
        ]
      : [],
  floorMs: 15,
  lateness: latency(0.08, 0.4, 1.9, steps * 20),
  series: sampleSeries(seed, steps, lost > 0 ? [KILLED_AT, EJECTED_AT] : [-1, -1]),
  ...service(lost, steps * 20),
  errorClasses: lost > 0 ? { 'connection-refused': lost - 4, deadline: 2, 'server-error': 2 } : {},
})

const node = (
  name: string,
  zone: string,
  { steps, killed = false }: { steps: number; killed?: boolean },
): NodeAnalysis => {
  const random = noise(name.length * 7 + zone.charCodeAt(0) + steps + name.charCodeAt(name.length - 1))
  const at = Array.from({ length: steps }, (_, i) => i * 100)
  const isGone = (t: number) => killed && t >= KILLED_AT && t < READMITTED_AT
  const isOver = (t: number) => !killed && t >= EJECTED_AT && t < READMITTED_AT
  return {
    node: name,
    role: 'data-plane',
    zone,
    answered: killed
      ? { steady: 1066, disturbed: 0, recovered: 1947 }
      : { steady: 1067, disturbed: 2680, recovered: 1946 },
    placed: 1905,
    lost: killed ? 21 : 0,
    lostByPhase: { steady: 0, disturbed: killed ? 21 : 0, recovered: 0 },
    latency: {
      steady: latency(0.88, 3.1, 9.2, 1066),
      disturbed: killed ? null : latency(0.9, 3.4, 12, 2680),
      recovered: latency(0.87, 3.2, 11, 1947),
    },
    series: {
      from: 0,
      stepMs: 100,
      answered: at.map((t) => (isGone(t) ? 0 : Math.round((isOver(t) ? 20 : 13.3) + random() * 2 - 1))),
      lost: at.map((t) => (killed && t >= KILLED_AT && t < EJECTED_AT && t % 300 === 0 ? 2 : 0)),
    },
  }
}

const zone = (name: string, nodes: readonly string[], lost: number): ZoneAnalysis => ({
  zone: name,
  nodes,
  answered: { steady: 1066 * nodes.length, disturbed: 2680, recovered: 1946 * nodes.length },
  lost: { steady: 0, disturbed: lost, recovered: 0 },
  latency: {
    steady: latency(0.88, 3.1, 9.2, 1066 * nodes.length),
    disturbed: latency(0.9, 3.4, 12, 2680),
    recovered: latency(0.87, 3.2, 11, 1946 * nodes.length),
  },
})

const span = (
  name: string,
  state: RotationSpan['state'],
  [from, to]: readonly [number, number],
  reason?: string,
): RotationSpan => ({
  balancer: 'load-balancer-callers',
  backend: 'gateway',
  node: name,
  state,
  from,
  to,
  ...(reason === undefined ? {} : { reason }),
})

const rotation: readonly RotationSpan[] = [
  span('data-plane-1', 'in', [0, EJECTED_AT]),
  span('data-plane-1', 'out', [EJECTED_AT, READMITTED_AT], 'L4CON: connection refused'),
  span('data-plane-1', 'in', [READMITTED_AT, END], 'L7OK 200'),
  span('data-plane-2', 'in', [0, 26_000]),
  span('data-plane-2', 'draining', [26_000, 28_500]),
  span('data-plane-2', 'maintenance', [28_500, 30_000], 'set by the operator'),
  span('data-plane-2', 'in', [30_000, END]),
  span('data-plane-3', 'in', [0, END]),
]

export const kill: FaultAnalysis = {
  id: 'fault-1',
  kind: 'kill',
  targets: ['data-plane-1'],
  plannedDowntime: false,
  intendedAt: 7_960,
  inEffectAt: KILLED_AT,
  healedAt: HEALED_AT,
  clearedAt: 18_700,
  healedBy: 'script',
  doubts: [],
  wasSeen: true,
  evidence: [
    {
      source: 'engine event',
      said: 'The engine reported that the container died with exit code 137.',
      confirms: true,
      at: 8_004,
      container: 'firedrill_data-plane-1_1',
    },
    {
      source: 'probe from inside',
      said: 'Port 9080 refused a connection from the callers’ network.',
      confirms: true,
      at: 8_031,
      container: 'firedrill_data-plane-1_1',
    },
    {
      source: 'engine event',
      said: 'The engine reported that the container started.',
      confirms: true,
      at: 18_702,
      container: 'firedrill_data-plane-1_1',
    },
  ],
}

/** The analysis of the killed data-plane node. */
export const sampleAnalysis = (steps = END / 100): Analysis => ({
  phases: { steady: [0, 7_960], disturbed: [7_960, 18_700], recovered: [18_700, Math.max(END, steps * 100)] },
  lanes: [
    lane('kept-alive', 11, { steps, lost: 8 }),
    lane('new', 23, { steps, lost: 13 }),
    lane('control', 37, { steps }),
  ],
  faults: [kill],
  rotation,
  timings: [
    {
      measure: 'ejection',
      of: 'data-plane-1',
      at: 'load-balancer-callers',
      took: { point: 2_300, min: 2_180, max: 2_300 },
      censored: false,
      faultId: 'fault-1',
      predictedMaxMs: 3_000,
    },
    {
      measure: 'readmission',
      of: 'data-plane-1',
      at: 'load-balancer-callers',
      took: { point: 3_400, min: 3_290, max: 3_400 },
      censored: false,
      faultId: 'fault-1',
      predictedMaxMs: 4_000,
    },
    {
      measure: 'convergence',
      of: 'change-1',
      at: 'data-plane-1',
      took: { point: 10_000, min: 10_000, max: 10_000 },
      censored: true,
    },
  ],
  unrecovered: [],
  recoveries: [
    {
      faultId: 'fault-1',
      lane: 'new',
      firstAnswer: { sinceFault: { point: 61, min: 56, max: 66 }, sinceHeal: null, censored: false },
      stable: { sinceFault: { point: 28_000, min: 28_000, max: 28_000 }, sinceHeal: null, censored: true },
    },
    {
      faultId: 'fault-1',
      lane: 'kept-alive',
      firstAnswer: { sinceFault: { point: 41, min: 36, max: 46 }, sinceHeal: null, censored: false },
      stable: { sinceFault: { point: 41, min: 0, max: 41 }, sinceHeal: null, censored: false },
    },
    {
      faultId: 'fault-1',
      lane: 'control',
      firstAnswer: null,
      stable: { sinceFault: { point: 0, min: 0, max: 0 }, sinceHeal: null, censored: false },
    },
  ],
  earlyCalls: [{ node: 'data-plane-1', at: 19_210, notReadyAt: 19_400, lane: 'kept-alive' }],
  nodes: [
    node('data-plane-1', 'a', { steps, killed: true }),
    node('data-plane-2', 'a', { steps }),
    node('data-plane-3', 'b', { steps }),
  ],
  routes: [],
  zones: [zone('a', ['data-plane-1', 'data-plane-2'], 21), zone('b', ['data-plane-3'], 0)],
  histograms: [],
  session: {
    signedInAt: 1_200,
    beats: 139,
    failedBeats: 0,
    signOuts: [],
    longestStall: { lengthMs: 612, atLeastMs: 612, at: 8_100, in: 'Refresh the Dashboard' },
    surestStall: { lengthMs: 612, atLeastMs: 612, at: 8_100, in: 'Refresh the Dashboard' },
    servedBy: ['control-plane-1', 'control-plane-2'],
  },
  changes: [
    {
      id: 'change-1',
      by: 'dashboard',
      what: 'description of route orders',
      sentAt: 11_800,
      acceptedAt: 11_842,
      refused: false,
      unknown: false,
      seenAt: { 'data-plane-2': 12_310, 'data-plane-3': 12_402 },
    },
  ],
  losses: [{ faultId: 'fault-1', lost: 21, inFlightOnTarget: 3, scheduledLater: 18, mayHaveHappened: 1, cutByStop: 0 }],
  doubts: [
    {
      about: 'own stall',
      because: 'The generator stood still for 3.1 ms; every bound in this window is wider by that much.',
      window: [24_000, 24_004],
    },
  ],
  judged: [7_960, 28_700],
})
