// A small run built by hand, for tests and for looking at: a data-plane node killed at 8 s, a control-plane stop, a rolling restart nobody can judge.
import type { Analysis } from '../analysis/analysis.ts'
import type { Event } from '../history/event.ts'
import type { Finding, Verdict } from '../verdict/verdict.ts'
import { END, kill, lane, sampleAnalysis } from './sample-analysis.fixture.ts'
import type { ScenarioReport, Summary } from './summary.ts'

const finding = (
  objective: string,
  demanded: string | number,
  rest: Partial<Finding> & Pick<Finding, 'measured' | 'unit' | 'because'>,
): Finding => ({
  objective,
  demanded,
  default: null,
  outcome: 'pass',
  ...rest,
})

/** The findings of the killed data-plane node: the balancer kept sending calls to it, and it came back too early. */
export const sampleFindings: readonly Finding[] = [
  finding('fullOutage', '0ms', {
    measured: 41,
    unit: 'ms',
    outcome: 'fail',
    default: '0ms',
    culprit: 'load-balancer-callers',
    at: 8_020,
    because:
      'For 41 ms from 8.02 s no call of lane new was answered: the balancer offered every connection to data-plane-1, which was dead, and did not redispatch.',
    log: [
      {
        file: 'logs/load-balancer-callers.log',
        line: 1841,
        text: 'gateway/data-plane-1 0/0/-1/-1/3 503 217 - - SC-- 7/7/5/1/+3 0/0 "GET /orders HTTP/1.1"',
      },
      {
        file: 'logs/load-balancer-callers.log',
        line: 1902,
        text: 'Server gateway/data-plane-1 is DOWN, reason: Layer4 connection problem',
      },
    ],
  }),
  finding('lostCalls', 3, {
    measured: 21,
    unit: 'calls',
    outcome: 'fail',
    default: 3,
    culprit: 'data-plane-1',
    at: 8_000,
    because:
      '21 calls were not answered between 8.00 s and 10.31 s; 3 were in flight on data-plane-1 when it was killed, 18 were scheduled later.',
  }),
  finding('p99', '250ms', {
    measured: 312,
    unit: 'ms',
    outcome: 'fail',
    default: null,
    culprit: 'data-plane-1',
    because: 'p99 of lane new was 312 ms over 7.96 s to 28.70 s; 250 ms was demanded.',
  }),
  finding('recoveredP99', '2x', {
    measured: 1.03,
    unit: 'ratio',
    because: 'p99 after recovery was 1.03 times what it was in steady.',
  }),
  finding('ejection', '5s', {
    measured: 2_300,
    unit: 'ms',
    default: '3s',
    looser: true,
    because:
      'load-balancer-callers dropped data-plane-1 2.3 s after the kill was in effect; its configuration predicts at most 3.0 s.',
  }),
  finding('readmission', '30s', {
    measured: 3_400,
    unit: 'ms',
    because: 'data-plane-1 answered its first call 3.4 s after it was healed.',
  }),
  finding('convergence', '10s', {
    measured: null,
    unit: 'ms',
    outcome: 'inconclusive',
    because: 'data-plane-1 was not looked at between 19.2 s and 29.2 s, so nobody knows when it had the change.',
  }),
]

/** The verdict over an analysis. */
const sampleVerdict = (analysis: Analysis, name = 'data-plane-failover'): Verdict => ({
  schema: 'firedrill.verdict/1',
  scenario: name,
  title: 'a killed data-plane node costs callers at most the calls in flight on it',
  outcome: 'fail',
  because:
    'No call was answered for 41 ms from 8.02 s: load-balancer-callers kept sending connections to data-plane-1 after it was killed.',
  assumptions: [
    { name: 'steady state', holds: true, because: 'Every check held for 2.0 s before the first fault.' },
    { name: 'load', holds: true, because: '99.99 % of the calls were sent within 1.9 ms of their schedule.' },
    {
      name: 'faults attested',
      holds: true,
      because: 'The kill was confirmed by the engine and by a probe from inside.',
    },
    {
      name: 'change looked at',
      holds: false,
      because: 'The Control API of data-plane-1 did not answer for 10.0 s.',
      window: [19_200, 29_200],
    },
  ],
  findings: sampleFindings,
  faults: analysis.faults,
  outages: analysis.lanes.flatMap((each) =>
    each.outages.map((outage) => ({
      lane: outage.lane,
      kind: outage.kind,
      from: outage.from,
      to: outage.to,
      min: outage.length.min,
      max: outage.length.max,
      nodes: outage.nodes,
    })),
  ),
  phases: analysis.phases,
  latency: analysis.lanes.flatMap((each) =>
    each.phases.flatMap(({ phase, latency: said }) =>
      said
        ? [{ lane: each.lane, phase, p50: said.p50, p99: said.p99, p999: said.p999, max: said.max, count: said.count }]
        : [],
    ),
  ),
  balance: analysis.nodes.map(({ node: of, answered }) => ({ node: of, ...answered })),
  service: analysis.lanes,
  recoveries: analysis.recoveries,
  timings: analysis.timings,
  zones: analysis.zones,
  seed: 20_261_120,
  stack: 'high-availability',
  startedAt: '2026-11-20T14:02:11.482Z',
})

const step = (id: number, title: string, [from, to]: readonly [number, number]): readonly Event[] => [
  { kind: 'step', id, stage: 'begin', title, at: from },
  { kind: 'step', id, stage: 'end', title, at: to },
]

/** What was recorded besides calls. */
const sampleEvents: readonly Event[] = [
  {
    kind: 'run',
    at: 0,
    schema: 'firedrill.history/1',
    run: '2026-11-20T14-02-11Z',
    seed: 20_261_120,
    startedAt: '2026-11-20T14:02:11.482Z',
    scenario: {
      name: 'data-plane-failover',
      title: 'a killed data-plane node costs callers at most the calls in flight on it',
      file: 'scenarios/data-plane-failover.scenario.ts',
      tags: ['@data-plane'],
      runbook: { page: 'Deploy for High Availability', section: 'Data Plane Failover Test' },
    },
    topology: {
      stack: 'high-availability',
      project: 'firedrill',
      network: 'firedrill_deployment',
      subnet: '10.213.77',
      nodes: [],
    },
    settings: {
      rate: 200,
      deadlineMs: 2_000,
      lbCheck: '/status',
      timings: 'vendor',
      variables: { LB_HARD_STOP_AFTER: '5m', LB_MODE: 'tcp' },
    },
  },
  ...step(1, 'callers reach steady state', [200, 4_900]),
  ...step(2, 'kill data-plane-1', [7_950, 8_040]),
  ...step(3, 'rotation drops data-plane-1', [8_040, 10_310]),
  {
    kind: 'screenshot',
    at: 12_900,
    title: 'Dashboard after the drop: route orders edited',
    file: 'screenshots/1-after-drop.png',
  },
  ...step(4, 'edit route orders in the Dashboard', [11_800, 12_900]),
  ...step(5, 'heal data-plane-1', [17_990, 18_705]),
  ...step(6, 'rotation admits data-plane-1', [18_705, 21_400]),
  { kind: 'script', at: 21_500, outcome: 'finished' },
]

/** One scenario, ready to be told. */
export const sampleScenario = ({
  folder = 'data-plane-failover',
  steps = END / 100,
}: {
  folder?: string
  steps?: number
} = {}): ScenarioReport => {
  const analysis = sampleAnalysis(steps)
  return {
    folder,
    analysis,
    verdict: sampleVerdict(analysis, folder),
    history: { events: sampleEvents, lanes: [], balancerCalls: [], log: [] },
  }
}

/** A scenario in which everything held. */
export const passedScenario = (folder = 'control-plane-failover'): ScenarioReport => {
  const { analysis, verdict, history } = sampleScenario({ folder })
  const calm: Analysis = {
    ...analysis,
    lanes: [
      lane('kept-alive', 5, { steps: END / 100 }),
      lane('dashboard', 6, { steps: END / 100 }),
      lane('control', 7, { steps: END / 100 }),
    ],
    earlyCalls: [],
    doubts: [],
    losses: [],
    timings: analysis.timings.slice(0, 2),
  }
  return {
    folder,
    analysis: calm,
    history,
    verdict: {
      ...sampleVerdict(calm, folder),
      title: 'a stopped control-plane node costs callers nothing and the operator no session',
      outcome: 'pass',
      because:
        'Callers lost no call and the session lived on at control-plane-2; the longest stall of the page was 612 ms.',
      assumptions: verdict.assumptions.filter((each) => each.holds),
      findings: [
        finding('fullOutage', '0ms', {
          measured: 0,
          unit: 'ms',
          default: '0ms',
          because: 'No full outage above the floor of 15 ms in any lane.',
        }),
        finding('lostCalls', 0, {
          measured: 0,
          unit: 'calls',
          default: 0,
          because: 'Every one of 14,400 calls was answered.',
        }),
        finding('p99', '250ms', {
          measured: 3.3,
          unit: 'ms',
          because: 'p99 of lane kept-alive was 3.3 ms at its worst.',
        }),
        finding('uiStall', '3s', {
          measured: 612,
          unit: 'ms',
          because: 'The page was unusable for 612 ms from 8.10 s.',
        }),
        finding('signOuts', 0, { measured: 0, unit: 'count', because: 'The session never had to sign in again.' }),
      ],
    },
  }
}

/** A scenario whose fault nobody can prove: it must not pass. */
export const inconclusiveScenario = (folder = 'rolling-restart'): ScenarioReport => {
  const passed = passedScenario(folder)
  return {
    ...passed,
    analysis: {
      ...passed.analysis,
      faults: [
        {
          ...kill,
          kind: 'restart',
          inEffectAt: null,
          evidence: [],
          wasSeen: false,
          doubts: ['No engine event of a restart came within 10 s.'],
        },
      ],
    },
    verdict: {
      ...passed.verdict,
      title: 'every node is restarted in turn and no call is lost',
      outcome: 'inconclusive',
      because: 'The restart of data-plane-1 was not attested, so a pass would mean nothing.',
      assumptions: [
        { name: 'faults attested', holds: false, because: 'No engine event of a restart came within 10 s.' },
      ],
      findings: passed.verdict.findings.map((each) => ({ ...each, outcome: 'inconclusive' })),
    },
  }
}

/** summary.json over these scenarios. */
export const sampleSummary = (scenarios: readonly ScenarioReport[]): Summary => {
  const outcomes = scenarios.map(({ verdict }) => verdict.outcome)
  const outcome = outcomes.includes('fail') ? 'fail' : outcomes.includes('inconclusive') ? 'inconclusive' : 'pass'
  return {
    schema: 'firedrill.summary/1',
    run: '2026-11-20T14-02-11Z',
    outcome,
    exitCode: outcome === 'fail' ? 1 : outcome === 'inconclusive' ? 2 : 0,
    seed: 20_261_120,
    stack: 'high-availability',
    defect: 'M05',
    startedAt: '2026-11-20T14:02:11.482Z',
    tookMs: 141_200,
    scenarios: scenarios.map(({ folder, verdict }) => ({
      name: verdict.scenario,
      title: verdict.title,
      outcome: verdict.outcome,
      folder,
      findings: verdict.findings,
    })),
    skipped: [{ name: 'zone-outage', because: 'The deployment high-availability has no third zone to survive in.' }],
    provenance: {
      harness: { version: '0.1.0', commit: '4f1c2aa90d3be7715c2f8a6d0b9e4417c35ad210', node: 'v24.21.0' },
      images: {
        'firedrill/control-plane:0.1': 'sha256:9b2f0a6c1d7e4458a0b3c9d2e1f60718293a4b5c6d7e8f90a1b2c3d4e5f60718',
        'firedrill/gateway:0.1': 'sha256:1c7d9e2f3a4b5c6d7e8f90a1b2c3d4e5f607189b2f0a6c1d7e4458a0b3c9d2e1',
        'firedrill/load-balancer:0.1': 'sha256:77aa0a6c1d7e4458a0b3c9d2e1f60718293a4b5c6d7e8f90a1b2c3d4e5f60718',
        'firedrill/postgres:15': 'sha256:e41b0a6c1d7e4458a0b3c9d2e1f60718293a4b5c6d7e8f90a1b2c3d4e5f60718',
      },
      composeSha256: 'd0f4c1b2a3948576e5d4c3b2a190817263544536271809f0e1d2c3b4a5968778',
      timings: 'vendor',
      lbCheck: '/status',
      machine: {
        os: 'Debian GNU/Linux 12',
        kernel: '6.1.0-25-amd64',
        cpus: 2,
        memoryMb: 24_000,
        engine: 'Docker 20.10.24',
      },
    },
  }
}
