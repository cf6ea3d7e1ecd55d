import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import type { Analysis } from '../analysis/analysis.ts'
import { type Broken, type HistorySpec, historyOf, KILL, opinion, type Trouble } from '../analysis/history.fixture.ts'
import { NO_NODE, scheduledAt } from '../history/call.ts'
import type { Demand, Event } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { judge } from './judge.ts'
import type { Finding, Verdict } from './verdict.ts'

const verdictOf = (spec: HistorySpec = {}): Verdict => {
  const history = historyOf(spec)
  return judge(history, analyse(history))
}

const findingOf = (verdict: Verdict, objective: string): Finding => {
  const found = verdict.findings.find((each) => each.objective === objective)
  if (!found)
    throw new Error(
      `nothing was found on ${objective}: there is ${verdict.findings.map((each) => each.objective).join(', ')}`,
    )
  return found
}

const doubtsOf = (verdict: Verdict): readonly string[] =>
  verdict.assumptions.filter((each) => !each.holds).map((each) => each.name)

const outage = (lengthMs: number, more: Partial<Trouble> = {}): Trouble => ({
  from: 9000,
  to: 9000 + lengthMs,
  how: 'refused',
  ...more,
})

describe('a healthy deployment', () => {
  test('passes, with every assumption said to hold', () => {
    const verdict = verdictOf({
      demand: {
        lostCalls: 0,
        p99: '250ms',
        p99VsSteady: '2x',
        ejection: '5s',
        readmission: '30s',
        recovery: '10s',
        survivors: 2,
        imbalance: 1.3,
        availability: 1,
      },
    })
    expect({ outcome: verdict.outcome, doubts: doubtsOf(verdict) }).toEqual({ outcome: 'pass', doubts: [] })
    expect(verdict.because).toMatch(/^All 10 objectives were met/)
  })

  test('is judged for full outages and for what a kill may cost though its author asked for neither', () => {
    expect(
      verdictOf({ demand: {} }).findings.map(({ objective, demanded, outcome }) => [objective, demanded, outcome]),
    ).toEqual([
      ['fullOutage', '0ms', 'pass'],
      ['lostCalls', 0, 'pass'],
    ])
  })

  test('a third of its calls waiting 300 ms for a killed node passes without a full outage', () => {
    const verdict = verdictOf({
      demand: { p99: '1s' },
      trouble: [{ from: 8020, to: 9000, how: 'slow', slowMs: 300, share: 1 / 3 }],
    })
    expect({ outcome: verdict.outcome, outages: verdict.outages }).toEqual({ outcome: 'pass', outages: [] })
  })

  test('a stall of the generator shorter than 50 ms does not spoil the pass', () => {
    expect(verdictOf({ trouble: [{ from: 9000, to: 9040, how: 'own-stall' }] }).outcome).toBe('pass')
  })

  test('a stall of the machine shorter than 50 ms does not spoil the pass', () => {
    expect(
      verdictOf({
        trouble: [{ from: 9000, to: 9040, how: 'stall', lanes: ['kept-alive', 'new-connections', 'control'] }],
      }).outcome,
    ).toBe('pass')
  })
})

describe('a deployment that was out', () => {
  test('500 ms of refused calls fail, with bounds that contain them and a length within two intervals', () => {
    const verdict = verdictOf({ trouble: [outage(500)] })
    const finding = findingOf(verdict, 'fullOutage')
    expect(verdict.outcome).toBe('fail')
    expect(finding.outcome).toBe('fail')
    expect(Math.abs((finding.measured ?? 0) - 500)).toBeLessThanOrEqual(2 * 5)
    expect(verdict.outages).not.toEqual([])
    for (const each of verdict.outages) {
      expect(each.min).toBeLessThanOrEqual(500)
      expect(each.max).toBeGreaterThanOrEqual(500)
    }
  })

  test('the sentence says what broke, when, whom it hit, and names the first and the last call', () => {
    const { because } = findingOf(verdictOf({ trouble: [outage(500, { lanes: ['kept-alive'] })] }), 'fullOutage')
    expect(because).toMatch(
      /lane kept-alive .* 9\.00 s into the scenario, 97\d ms after kill of data-plane-1 took effect: 100 calls were lost.*First lost call kept-alive #\d+ at 9\.00 s \(connection-refused\), last kept-alive #\d+ at 9\.49 s/,
    )
  })

  test('a full outage within the author’s own limit passes, and the limit is marked as looser', () => {
    expect(findingOf(verdictOf({ demand: { fullOutage: '1s' }, trouble: [outage(500)] }), 'fullOutage')).toMatchObject({
      outcome: 'pass',
      looser: true,
      default: '0ms',
    })
  })

  test('a limit that lies within the bounds of an outage is inconclusive', () => {
    expect(
      findingOf(verdictOf({ demand: { fullOutage: '500ms' }, trouble: [outage(500)] }), 'fullOutage').outcome,
    ).toBe('inconclusive')
  })

  test('an outage whose lower bound is nought fails all the same where none is allowed: its calls were lost', () => {
    const rough: Trouble = { from: 3000, to: 3400, how: 'slow', slowMs: 22, share: 0.1 }
    const verdict = verdictOf({ trouble: [rough, outage(24)] })
    expect(verdict.outages.map((each) => each.min)).toEqual([0, 0])
    expect(findingOf(verdict, 'fullOutage').outcome).toBe('fail')
  })

  test('a failure beats every doubt', () => {
    const verdict = verdictOf({
      trouble: [outage(500), { from: 12_000, to: 12_300, how: 'stall', lanes: ['control'] }],
      without: ['script', 'claim'],
    })
    expect(verdict.outcome).toBe('fail')
    expect(doubtsOf(verdict).length).toBeGreaterThan(1)
  })

  test('an outage after the judged window is a failure all the same', () => {
    expect(verdictOf({ seconds: 34, trouble: [{ from: 30_000, to: 30_500, how: 'refused' }] }).outcome).toBe('fail')
  })

  test('calls lost when all has been clear for ten seconds are lost all the same, as long as the script goes on', () => {
    const lostBy = (endOfScript: number): string =>
      verdictOf({
        seconds: 40,
        demand: { lostCalls: 0 },
        without: ['script'],
        events: [{ kind: 'script', at: endOfScript, outcome: 'finished' }],
        trouble: [{ from: 30_000, to: 31_000, how: 'wrong', node: 'data-plane-2' }],
      }).outcome
    expect([lostBy(36_000), lostBy(20_000)]).toEqual(['fail', 'pass'])
  })

  test('404s from every gateway blame the gateways', () => {
    const verdict = verdictOf({
      faults: [
        {
          kind: 'stop',
          targets: ['control-plane-1', 'control-plane-2'],
          at: 8000,
          healAt: 14_000,
          plannedDowntime: true,
        },
      ],
      trouble: [{ from: 9000, to: 12_000, how: 'not-found' }],
    })
    expect(findingOf(verdict, 'fullOutage')).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-1, data-plane-2, data-plane-3',
    })
  })

  test('the nearest lines of the culprit’s log go with the finding', () => {
    const log = [
      { file: 'logs/data-plane-1.log', line: 4, at: 9010, text: 'route not found' },
      { file: 'logs/postgres.log', line: 9, at: 9000, text: 'checkpoint' },
    ]
    expect(findingOf(verdictOf({ log, trouble: [outage(300, { how: 'not-found' })] }), 'fullOutage').log).toEqual([
      { file: 'logs/data-plane-1.log', line: 4, text: 'route not found' },
    ])
  })
})

describe('doubt', () => {
  const inconclusive: readonly (readonly [what: string, name: RegExp, spec: HistorySpec])[] = [
    ['a fault that nobody attested', /kill of data-plane-1 is attested/, { faults: [{ ...KILL, attested: false }] }],
    ['late sending', /Calls left on time/, { trouble: [{ from: 8000, to: 14_000, how: 'late', slowMs: 9, share: 1 }] }],
    [
      'calls that were held back without an outage',
      /Calls left on time/,
      { trouble: [{ from: 9000, to: 9020, how: 'shed', share: 1 }] },
    ],
    ['rows that nobody recorded', /Every call is on record/, { trouble: [{ from: 9000, to: 9100, how: 'lost-row' }] }],
    ['no claim', /made a claim/, { demand: null }],
    ['a script that nobody saw end', /ran to its end/, { without: ['script'] }],
    ['no look at the steady state', /Steady state/, { without: ['steady'] }],
    ['lanes that were never closed', /Every call is on record/, { without: ['lane-closed'] }],
    ['balancers that nobody looked at', /balancers were in sight/, { without: ['rotation'] }],
    ['clocks that nobody compared', /clocks agree/, { without: ['clock'] }],
    [
      'a clock that stood still while ours went on',
      /clocks agree/,
      { events: [{ kind: 'clock', at: 29_000, sameKernel: false, offsetMs: -1800, errorMs: 1 }] },
    ],
    ['no control lane', /machine was quiet/, { lanes: [{ lane: 'kept-alive', purpose: 'callers' }] }],
    ['no caller lane', /Steady state/, { lanes: [{ lane: 'control', purpose: 'control' }] }],
    [
      'a control lane that stood still',
      /machine was quiet/,
      { trouble: [{ from: 9000, to: 9300, how: 'stall', lanes: ['control'] }] },
    ],
    [
      'a lost call of the control lane',
      /machine was quiet/,
      { trouble: [{ from: 9000, to: 9006, how: 'refused', lanes: ['control'] }] },
    ],
    [
      'a generator that stood still',
      /generator did not stand still/,
      { trouble: [{ from: 9000, to: 9080, how: 'own-stall' }] },
    ],
    ['a rate too low to see 50 ms', /Outages of 50 ms/, { rate: 50 }],
    [
      'two seconds of steady state',
      /Steady state/,
      { faults: [{ ...KILL, at: 2000 }], events: [{ kind: 'steady', at: 1900, ok: true, checks: [] }] },
    ],
    [
      'a steady state in which calls were lost',
      /Steady state/,
      { trouble: [{ from: 4000, to: 4100, how: 'refused' }] },
    ],
    ['traffic that ends before the judged window does', /Every call is on record/, { seconds: 20 }],
    [
      'a balancer out of sight for 3 s',
      /balancers were in sight/,
      {
        events: [
          { kind: 'rotation-blind', at: 12_000, balancer: 'load-balancer-callers', since: 9000, because: 'no answer' },
        ],
      },
    ],
    [
      'callers that were lost',
      /Every call is on record/,
      { events: [{ kind: 'generator-lost', at: 20_000, because: 'killed' }] },
    ],
    [
      'a fault that failed',
      /kill of data-plane-1 is attested/,
      {
        events: [
          {
            kind: 'fault',
            at: 9000,
            id: 'kill-8000',
            fault: 'kill',
            targets: ['data-plane-1'],
            stage: 'failed',
            because: 'would not heal',
          },
        ],
      },
    ],
  ]

  test.each(inconclusive)('%s is inconclusive, never a pass', (_, name, spec) => {
    const verdict = verdictOf(spec)
    expect({ outcome: verdict.outcome, doubts: doubtsOf(verdict) }).toEqual({
      outcome: 'inconclusive',
      doubts: expect.arrayContaining([expect.stringMatching(name)]),
    })
  })

  const hiddenFor = (what: Partial<Trouble>, demand: Demand): readonly string[] =>
    doubtsOf(verdictOf({ demand, trouble: [{ from: 9000, to: 9200, how: 'stall', ...what } as Trouble] }))
  const EVERYBODY = { lanes: ['kept-alive', 'new-connections', 'control'] }

  test.each([
    ['a control lane that stood still with all others', 'The machine was quiet', EVERYBODY, '150ms', '1s'],
    [
      'a generator that stood still',
      'The generator did not stand still',
      { how: 'own-stall', to: 9080 },
      '50ms',
      '100ms',
    ],
  ] as const)(
    '%s hides no outage longer than that: a doubt where less is allowed, and none where more is',
    (_, name, what, less, more) => {
      expect(hiddenFor(what, { fullOutage: less })).toContain(name)
      expect(hiddenFor(what, { fullOutage: more })).not.toContain(name)
    },
  )

  test('what was allowed is said where the doubt is none', () => {
    const { assumptions, outcome } = verdictOf({
      demand: { fullOutage: '1s' },
      trouble: [{ from: 9000, to: 9200, how: 'stall', ...EVERYBODY }],
    })
    expect(outcome).toBe('pass')
    expect(assumptions.find(({ name }) => name === 'The machine was quiet')?.because).toMatch(
      /was not answered for 20\d ms at 9\.0 s.* is no longer than the scenario allows\.$/,
    )
  })

  test.each([
    ['a lost call of the control lane', { how: 'refused', to: 9006, lanes: ['control'] }],
    ['rows that nobody recorded', { how: 'lost-row', to: 9100 }],
    ['a control lane that stood still with all others for 250 ms or more', { ...EVERYBODY, to: 9300 }],
  ] as const)('%s stays in doubt however long an outage may be', (_, what) => {
    expect(hiddenFor(what, { fullOutage: '1m' })).not.toEqual([])
  })

  test('a limit for the Dashboard is no less than that for callers: what stood still hid outages of both', () => {
    expect(hiddenFor(EVERYBODY, { fullOutage: '1s', dashboardOutage: '150ms' })).not.toEqual([])
    expect(hiddenFor(EVERYBODY, { fullOutage: '150ms', dashboardOutage: '1s' })).not.toEqual([])
  })

  test('a limit that is no length of time allows nothing', () => {
    expect(hiddenFor(EVERYBODY, { fullOutage: 'soon' })).toEqual(['The machine was quiet'])
  })

  test.each([
    ['lane-closed', /was never closed/],
    ['clock', /compared the callers’ clock/],
  ] as const)('without %s the sentence says what is missing', (kind, words) => {
    expect(verdictOf({ without: [kind] }).because).toMatch(words)
  })

  test('without a control lane the sentence says so', () => {
    expect(verdictOf({ lanes: [{ lane: 'kept-alive', purpose: 'callers' }] }).because).toMatch(/no control lane/)
  })

  test('a control lane thinner than the callers is inconclusive', () => {
    const lanes = [
      { lane: 'kept-alive', purpose: 'callers' },
      { lane: 'control', purpose: 'control', rate: 100 },
    ] as const
    expect(verdictOf({ lanes }).because).toMatch(/less than the busiest/)
  })

  test('a missing claim is told with its code', () => {
    expect(verdictOf({ demand: null }).because).toMatch(/ERR_NO_CLAIM/)
  })

  test('an outage that the control lane shared is not reported as the deployment’s', () => {
    const verdict = verdictOf({
      trouble: [{ from: 9000, to: 9400, how: 'stall', lanes: ['kept-alive', 'new-connections', 'control'] }],
    })
    expect({
      outcome: verdict.outcome,
      outages: verdict.outages,
      full: findingOf(verdict, 'fullOutage').outcome,
    }).toEqual({ outcome: 'inconclusive', outages: [], full: 'inconclusive' })
  })

  test('a graceful stop that ended by SIGKILL is another fault than the one asked for', () => {
    const died: Event = { kind: 'engine', at: 8100, container: 'c', node: 'data-plane-1', action: 'die', exitCode: 137 }
    expect(verdictOf({ faults: [{ ...KILL, kind: 'stop' }], events: [died] }).outcome).toBe('inconclusive')
    expect(verdictOf({ faults: [KILL], events: [died] }).outcome).toBe('pass')
  })

  test.each([
    ['closed', 'inconclusive'],
    ['refused', 'fail'],
  ] as const)('after a sleep of the callers’ own, connections that were %s meanwhile are %s', (how, outcome) => {
    const verdict = verdictOf({
      trouble: [
        { from: 9000, to: 9598, how: 'own-stall' },
        { from: 9598, to: 9600, how },
      ],
      demand: { lostCalls: 0 },
    })
    expect(findingOf(verdict, 'lostCalls')).toMatchObject({ outcome, measured: 240 })
  })

  test('calls of which any number may be lost are counted all the same', () => {
    const lost = { trouble: [{ from: 9000, to: 9200, how: 'refused' }] } as const
    expect(findingOf(verdictOf({ ...lost, demand: { lostCalls: 0 } }), 'lostCalls').outcome).toBe('fail')
    const finding = findingOf(verdictOf({ ...lost, demand: { lostCalls: 'any' } }), 'lostCalls')
    expect(finding).toMatchObject({ outcome: 'pass', demanded: 'any' })
    expect(finding.measured).toBeGreaterThan(50)
  })

  test('what a generator slept through after the history ends is no outage: nobody wrote down that it slept', () => {
    const history = historyOf({
      // A control lane would have slept as well, and so have said it.
      lanes: [{ lane: 'kept-alive', purpose: 'callers' }],
      trouble: [
        { from: 20_000, to: 20_400, how: 'own-stall' },
        { from: 20_400, to: 20_402, how: 'unanswered', share: 0.1 },
      ],
    })
    const torn = { ...history, events: history.events.filter(({ at }) => at < 12_000) }
    const verdict = judge(torn, analyse(torn))
    expect({ outcome: verdict.outcome, outages: verdict.outages }).toEqual({ outcome: 'inconclusive', outages: [] })
    expect(verdict.assumptions.map(({ because }) => because)).toContainEqual(
      expect.stringMatching(/Nobody wrote down whether the generator stood still after 9\.0 s/),
    )
  })

  test('calls that were refused after the history ends were refused all the same', () => {
    const history = historyOf({ trouble: [{ from: 20_000, to: 20_400, how: 'refused' }], demand: { lostCalls: 0 } })
    const torn = { ...history, events: history.events.filter(({ at, kind }) => at < 12_000 || kind === 'claim') }
    expect(findingOf(judge(torn, analyse(torn)), 'lostCalls').outcome).toBe('fail')
  })

  test('connections that were closed without a sleep of theirs are the deployment’s failure', () => {
    const verdict = verdictOf({ trouble: [{ from: 9000, to: 9200, how: 'closed' }], demand: { lostCalls: 0 } })
    expect(findingOf(verdict, 'lostCalls').outcome).toBe('fail')
  })

  test('callers that slept nine tenths of the time are inconclusive, and nothing fails for it', () => {
    const trouble = Array.from(
      { length: 290 },
      (_, k): Trouble => ({ from: 500 + k * 100, to: 590 + k * 100, how: 'own-stall' }),
    )
    const demand = {
      lostCalls: 0,
      lostTime: '1s',
      p99: '20ms',
      p99VsSteady: '2x',
      recoveredP99: '20ms',
      recovery: '3s',
      survivors: 2,
    }
    const verdict = verdictOf({ trouble, demand })
    expect({ outcome: verdict.outcome, failed: verdict.findings.filter((each) => each.outcome === 'fail') }).toEqual({
      outcome: 'inconclusive',
      failed: [],
    })
  })

  test('clocks that drift apart by no more than an outage that may go unseen leave the pass alone', () => {
    const compared: Event = { kind: 'clock', at: 29_000, sameKernel: false, offsetMs: 40, errorMs: 1 }
    expect(verdictOf({ events: [compared] }).outcome).toBe('pass')
  })

  test('doubt before the first fault that the baseline does not feel leaves the pass alone', () => {
    expect(verdictOf({ trouble: [{ from: 3000, to: 3200, how: 'stall', lanes: ['control'] }] }).outcome).toBe('pass')
  })
})

describe('the spread of calls after recovery', () => {
  const lanes = [
    { lane: 'kept-alive', purpose: 'callers', isOneConnection: true },
    { lane: 'new-connections', purpose: 'callers' },
    { lane: 'control', purpose: 'control' },
  ] as const
  const spread = (lbMode: 'http' | 'tcp'): Finding =>
    findingOf(verdictOf({ lanes, lbMode, demand: { imbalance: 1.3 } }), 'imbalance')

  test('counts every call of a balancer that reads them', () => {
    expect(spread('http')).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })

  /** data-plane-1 gets so much of what would be its own: none until it is back at 16 s, and this share then. */
  const returning = (share: number, until = 16_000): Finding => {
    const history = historyOf({ demand: { imbalance: 1.5 } })
    for (const { header, node } of history.lanes)
      for (let i = 0; i < node.length; i += 1) {
        const at = scheduledAt(header, i)
        if (node[i] === 0 && at > 8000 && (at < until || (i % 100) / 100 >= share)) node[i] = 1 + (i % 2)
      }
    return findingOf(judge(history, analyse(history)), 'imbalance')
  }

  test('finds the one that hardly anybody is sent to, though the others are no busier than half as much again', () => {
    expect(returning(0.03)).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
    expect(returning(1)).toMatchObject({ outcome: 'pass', measured: expect.closeTo(1, 1) })
  })

  test('counts from when the last one was back in rotation, and no second later', () => {
    expect(returning(1, 15_900)).toMatchObject({ outcome: 'pass', measured: expect.closeTo(1, 1) })
    expect(returning(1, 26_000)).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })

  test('counts from when the last one was back to stay: one that leaves again is sent nothing for as long', () => {
    const history = historyOf({
      demand: { imbalance: 1.5 },
      events: [opinion(21_500, 'data-plane-1', 'out', 'in'), opinion(28_000, 'data-plane-1', 'in', 'out')],
    })
    for (const { header, node } of history.lanes)
      for (let i = 0; i < node.length; i += 1) {
        const at = scheduledAt(header, i)
        if (node[i] === 0 && at > 8000 && (at < 16_000 || (at > 21_500 && at < 28_000))) node[i] = 1 + (i % 2)
      }
    expect(findingOf(judge(history, analyse(history)), 'imbalance')).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-1',
    })
  })

  test('counts no answered call as lost, placed or not', () => {
    const { nodes } = analyse(historyOf({ lanes, lbMode: 'tcp' }))
    expect(nodes.map(({ node, lost }) => [node, lost])).toEqual(
      ['data-plane-1', 'data-plane-2', 'data-plane-3'].map((node) => [node, 0]),
    )
  })

  test('counts new connections only where the balancer forwards them: what stays on one it never placed', () => {
    expect(spread('tcp')).toMatchObject({ outcome: 'pass', measured: expect.closeTo(1, 2) })
  })
})

describe('what a fault may cost', () => {
  const restOf = (lost: number): readonly Trouble[] => [
    { from: 8020, to: 8020 + lost * 5, how: 'refused', node: 'data-plane-1' },
  ]
  const byDefault = (broken: Broken, spec: HistorySpec = {}): Finding =>
    findingOf(verdictOf({ faults: [broken], ...spec }), 'lostCalls')

  test('a drain costs nothing', () => {
    expect(byDefault({ ...KILL, kind: 'drain' }, { trouble: restOf(6) })).toMatchObject({ outcome: 'fail', default: 0 })
  })

  test('a stop costs no idempotent call', () => {
    expect(byDefault({ ...KILL, kind: 'stop' }, { trouble: restOf(6) })).toMatchObject({ outcome: 'fail', default: 0 })
  })

  test('a kill may cost the calls that the balancer had in flight on the node, and no others', () => {
    const hit: Trouble = { from: 8017, to: 8021, how: 'refused' }
    const history = historyOf({ trouble: [hit] })
    const analysis = analyse(history)
    const lost = analysis.lanes.flatMap((lane) => (lane.judged?.firstLost ? [lane.judged.firstLost] : []))
    expect(lost.length).toBeGreaterThan(0)
    const balancerCalls = lost.map(({ lane, index, at }) => ({
      requestId: `r-${lane}-${index}`,
      node: 'data-plane-1',
      termination: 'SH--',
      retries: 0,
      status: 502,
      from: at,
      to: at + 5,
    }))
    const elsewhere = balancerCalls.map((call) => ({ ...call, node: 'data-plane-2' }))
    expect(findingOf(verdictOf({ trouble: [hit], balancerCalls }), 'lostCalls')).toMatchObject({
      outcome: 'pass',
      default: lost.length,
      measured: lost.length,
    })
    expect(findingOf(verdictOf({ trouble: [hit], balancerCalls: elsewhere }), 'lostCalls')).toMatchObject({
      outcome: 'fail',
      default: 0,
    })
  })

  test('calls that a dead node refused, or never took, and that were given to nobody else, are the balancer’s', () => {
    const hit: Trouble = { from: 8100, to: 8600, how: 'refused', node: 'data-plane-1' }
    const history = historyOf({ trouble: [hit] })
    const refused = (retries: number, termination: string) =>
      history.lanes.flatMap(({ header, status }) =>
        [...status.keys()]
          .filter((i) => status[i] === 0)
          .map((i) => {
            const from = header.t0 + i * (1000 / header.rate)
            const requestId = `${header.requestIdPrefix}${i}`
            return { requestId, node: 'data-plane-1', termination, retries, status: 503, from, to: from + 2 }
          }),
      )
    const blamed = (retries: number, termination: string) =>
      findingOf(verdictOf({ trouble: [hit], balancerCalls: refused(retries, termination) }), 'lostCalls')
    const theBalancer = { outcome: 'fail', culprit: 'load-balancer-callers' }
    expect(blamed(0, 'SC--')).toMatchObject(theBalancer)
    expect(blamed(0, 'sC--')).toMatchObject(theBalancer)
    expect(blamed(2, 'SC--')).toMatchObject({ outcome: 'fail', culprit: 'data-plane-1' })
  })

  test('a kill that cost calls is inconclusive without the balancer’s log', () => {
    expect(byDefault(KILL, { trouble: restOf(6) }).outcome).toBe('inconclusive')
  })

  test('so it is where another balancer’s log is there, of calls to the Dashboard', () => {
    const line = { node: 'control-plane-1', termination: '----', retries: 0, status: 200, from: 8000, to: 8005 }
    const balancerCalls = [{ ...line, requestId: 'r-dashboard-new-1' }]
    expect(byDefault(KILL, { trouble: restOf(6), balancerCalls }).outcome).toBe('inconclusive')
  })

  test('behind a balancer that only forwards connections a kill may cost the calls it cut, and no later ones', () => {
    const cut: Trouble = { from: 8017, to: 8021, how: 'refused' }
    const costs = (trouble: readonly Trouble[]): Finding =>
      findingOf(verdictOf({ trouble, lbMode: 'tcp', demand: {} }), 'lostCalls')
    expect(costs([cut])).toMatchObject({ outcome: 'pass', measured: 2, default: 2 })
    expect(costs([cut, { from: 8100, to: 8110, how: 'refused' }])).toMatchObject({ outcome: 'fail', default: 2 })
  })

  test('a pause may cost its share of calls until the node is ejected', () => {
    // 400 calls/s / 3 × (1 s + 5 ms + 2 × 0.5 s + 0.3 s + 2 s)
    expect(byDefault({ ...KILL, kind: 'pause' })).toMatchObject({ outcome: 'pass', default: 574 })
  })

  test('what gateways that nothing was done to answer badly, in their own name, is not what a hung node costs', () => {
    const paused: Broken = { ...KILL, kind: 'pause' }
    const badly = (node: string): Trouble => ({ from: 8020, to: 8990, how: 'wrong', node })
    const finding = byDefault(paused, { trouble: [badly('data-plane-2')] })
    expect(finding).toMatchObject({ outcome: 'fail', default: 574, culprit: 'data-plane-2' })
    expect(finding.because).toMatch(/\d+ answered badly by gateways that nothing was done to/)
    // Its own may be, those of one that another fault has, and everybody's where what stands behind them is struck.
    expect(byDefault(paused, { trouble: [badly('data-plane-1')] }).outcome).toBe('pass')
    const first: Broken = { kind: 'pause', targets: ['data-plane-2'], at: 7990, healAt: 14_000 }
    const judged = (...faults: readonly Broken[]) =>
      findingOf(verdictOf({ faults, trouble: [badly('data-plane-2')] }), 'lostCalls').outcome
    expect(judged(first, paused)).toBe('pass')
    expect(judged({ ...first, healAt: 8005 }, paused)).toBe('fail')
    expect(judged({ ...paused, targets: ['data-plane-1', 'upstream-1'] })).toBe('pass')
  })

  test('a call that is allowed and in doubt excuses none that is certain', () => {
    const cut: Trouble = { from: 8000, to: 8026, how: 'closed', node: 'data-plane-1' }
    const later: Trouble = { from: 15_000, to: 15_030, how: 'wrong', node: 'data-plane-2' }
    const control: Trouble = { from: 7998, to: 8030, how: 'refused', lanes: ['control'] }
    const trouble = [cut, later, control]
    const { lanes } = historyOf({ trouble })
    const balancerCalls = lanes.flatMap(({ header, status }) =>
      [...status.keys()]
        .map((i) => ({ i, at: header.t0 + i * (1000 / header.rate) }))
        .filter(({ at }) => header.purpose === 'callers' && at >= 7998 && at < 8030)
        .map(({ i, at }) => ({
          requestId: `${header.requestIdPrefix}${i}`,
          node: 'data-plane-1',
          termination: 'SD--',
          retries: 0,
          status: -1,
          from: at,
          to: 8021,
        })),
    )
    const judged = (...of: readonly Trouble[]) =>
      findingOf(verdictOf({ balancerCalls, trouble: of }), 'lostCalls').outcome
    expect([judged(cut, later), judged(cut, later, control), judged(cut, control)]).toEqual(['fail', 'fail', 'pass'])
  })

  test('while it is out of rotation a hung node costs nothing: what is lost then was lost on another', () => {
    const paused: Broken = { ...KILL, kind: 'pause' }
    const before: Trouble = { from: 8020, to: 8990, how: 'refused', node: 'data-plane-1' }
    const later: Trouble = { from: 10_000, to: 10_300, how: 'refused', node: 'data-plane-2' }
    const back: Trouble = { from: 14_002, to: 14_018, how: 'refused', node: 'data-plane-2' }
    const judged = (trouble: readonly Trouble[], spec: HistorySpec = {}, broken = paused) =>
      byDefault(broken, { ...spec, trouble })
    expect(judged([before]).outcome).toBe('pass')
    const elsewhere = judged([before, later])
    expect(elsewhere).toMatchObject({ outcome: 'fail', default: 574 })
    expect(elsewhere.because).toMatch(/\d+ while all of it was out of rotation/)
    // Both of two are out only once the second is, and only until the heal; on connections it is not the rotation that tells.
    const dropped = (at: number, node: string) =>
      ({ kind: 'rotation', at, balancer: 'second', backend: 'gateway', node, state: 'out', lastLookAt: at }) as const
    const two = { ...paused, targets: ['data-plane-1', 'data-plane-3'] }
    expect(judged([later], {}, two).outcome).toBe('fail')
    expect(judged([later], { events: [dropped(10_400, 'data-plane-3')] }, two).outcome).toBe('pass')
    expect(judged([back]).outcome).toBe('pass')
    expect(judged([later], { lbMode: 'tcp' }).outcome).toBe('pass')
  })

  test('what is lost once a hung node is back was not lost on one that hangs', () => {
    const paused: Broken = { ...KILL, kind: 'pause' }
    const after: Trouble = { from: 16_200, to: 16_900, how: 'refused', node: 'data-plane-1' }
    const finding = byDefault(paused, { trouble: [after] })
    expect(finding).toMatchObject({ outcome: 'fail', default: 574 })
    expect(finding.because).toMatch(/\d+ after its heal/)
    // One that was healed before its balancer dropped it has not hung for as long as it may; on connections it is not the rotation that tells.
    const short: Broken = { ...paused, healAt: 8600 }
    expect(byDefault(short, { trouble: [{ ...after, from: 8700, to: 8900 }] }).outcome).toBe('pass')
    expect(byDefault(paused, { trouble: [after], lbMode: 'tcp' }).outcome).toBe('pass')
  })

  test('what is lost just as a hung node was dropped may have been lost on it, by clocks that differ', () => {
    const paused: Broken = { ...KILL, kind: 'pause' }
    const edge: Trouble = { from: 9025, to: 9035, how: 'refused', node: 'data-plane-2' }
    const outcome = (errorMs: number) =>
      byDefault(paused, {
        trouble: [edge],
        events: [{ kind: 'clock', at: 2, zone: 'outside', sameKernel: false, offsetMs: 0, errorMs }],
      }).outcome
    expect([outcome(0), outcome(40)]).toEqual(['fail', 'pass'])
  })

  test('what one fault spared excuses no other’s losses', () => {
    const faults: readonly Broken[] = [
      { ...KILL, kind: 'pause' },
      { kind: 'stop', targets: ['data-plane-2'], at: 16_000, healAt: 17_000 },
    ]
    const verdict = verdictOf({ faults, trouble: [{ from: 16_020, to: 16_060, how: 'refused', node: 'data-plane-2' }] })
    expect(findingOf(verdict, 'lostCalls').because).toMatch(/stop of data-plane-2 cost/)
    expect(verdict.outcome).toBe('fail')
  })

  test('an author’s own number is judged as it stands, and marked where it is looser', () => {
    expect(byDefault({ ...KILL, kind: 'stop' }, { demand: { lostCalls: 50 }, trouble: restOf(6) })).toMatchObject({
      outcome: 'pass',
      looser: true,
      default: 0,
    })
  })

  test('planned downtime of a zone excuses nothing of the gateways elsewhere', () => {
    const zone: Broken = {
      ...KILL,
      kind: 'outage',
      targets: ['data-plane-1', 'control-plane-1'],
      plannedDowntime: true,
    }
    const badly = (node: string): Trouble => ({ from: 9200, to: 13_900, how: 'wrong', node, share: 0.5 })
    expect(byDefault(zone).outcome).toBe('pass')
    expect(byDefault(zone, { trouble: [badly('data-plane-2'), badly('data-plane-3')] }).outcome).toBe('fail')
  })

  test('planned downtime of the data plane has no default, but is still watched for full outages', () => {
    const planned: Broken = {
      kind: 'stop',
      targets: ['data-plane-1', 'data-plane-2', 'data-plane-3'],
      at: 8000,
      healAt: 9000,
      plannedDowntime: true,
    }
    const spec: HistorySpec = { faults: [planned], trouble: [{ from: 8020, to: 11_000, how: 'refused' }] }
    expect(verdictOf({ ...spec, demand: {} }).findings.map((each) => [each.objective, each.outcome])).toEqual([
      ['fullOutage', 'fail'],
    ])
    expect(verdictOf({ ...spec, demand: { fullOutage: '5s' } }).outcome).toBe('pass')
  })
})

describe('calls that the machine may have lost', () => {
  test('are not held against the deployment, nor do they pass', () => {
    const together: Trouble = { from: 9000, to: 9300, how: 'refused', lanes: ['kept-alive', 'control'] }
    const verdict = verdictOf({ demand: { lostCalls: 0, availability: 1, lostTime: '0ms' }, trouble: [together] })
    expect(verdict.findings.map((each) => [each.objective, each.outcome])).toEqual([
      ['fullOutage', 'inconclusive'],
      ['lostCalls', 'inconclusive'],
      ['lostTime', 'inconclusive'],
      ['availability', 'inconclusive'],
    ])
  })

  test('an availability that is met exactly is met', () => {
    const one: Trouble = { from: 9000, to: 9004, how: 'refused', lanes: ['kept-alive'] }
    const { judged } = analyse(historyOf({ trouble: [one] })).lanes[0] ?? {}
    const calls = (judged?.answered ?? 0) + (judged?.lost ?? 0)
    expect(judged?.lost).toBe(1)
    const demanded = (calls - 1) / calls
    expect(findingOf(verdictOf({ demand: { availability: demanded }, trouble: [one] }), 'availability').outcome).toBe(
      'pass',
    )
  })

  test('of one lane excuse no other', () => {
    const inDoubt: Trouble = { from: 9000, to: 9400, how: 'refused', lanes: ['kept-alive', 'control'] }
    const certain: Trouble = { from: 10_000, to: 10_350, how: 'refused', lanes: ['new-connections'] }
    const verdict = verdictOf({ demand: { availability: 0.99, lostTime: '300ms' }, trouble: [inDoubt, certain] })
    expect(findingOf(verdict, 'lostTime')).toMatchObject({ outcome: 'fail', measured: expect.closeTo(350, -1) })
    expect(findingOf(verdict, 'availability').outcome).toBe('fail')
  })

  test('latency that the machine made is inconclusive, the deployment’s own fails', () => {
    const slow = (lanes: readonly string[]): HistorySpec => ({
      demand: { p99: '100ms' },
      trouble: [{ from: 9000, to: 10_000, how: 'stall', lanes }],
    })
    expect(findingOf(verdictOf(slow(['kept-alive'])), 'p99').outcome).toBe('fail')
    expect(findingOf(verdictOf(slow(['kept-alive', 'control'])), 'p99').outcome).toBe('inconclusive')
  })
})

describe('a stream of changes', () => {
  const wrote = (id: string, sentAt: number): readonly Event[] => [
    { kind: 'write', at: sentAt, id, key: 'stream-1', value: id, stage: 'sent' },
    { kind: 'write', at: sentAt + 10, id, key: 'stream-1', value: id, stage: 'accepted' },
  ]
  const saw = (at: number, value: string, node = 'data-plane-2'): Event => ({
    kind: 'view',
    at,
    node,
    lastLookAt: at - 100,
    values: { 'stream-1': value },
  })
  const judged = (events: readonly Event[], demand: Demand) =>
    verdictOf({ demand, events: [...wrote('write-1', 9000), ...wrote('write-2', 12_000), ...events] })
  const followed = [saw(9100, 'write-1'), saw(12_100, 'write-2'), saw(29_000, 'write-2')]

  const everyGatewayFollowed = ['data-plane-1', 'data-plane-2', 'data-plane-3'].flatMap((node) => [
    saw(9100, 'write-1', node),
    saw(12_100, 'write-2', node),
    saw(29_000, 'write-2', node),
  ])

  test('that every gateway followed loses nothing, and says of whom that is known', () => {
    expect(findingOf(judged(everyGatewayFollowed, { lostChanges: 0 }), 'lostChanges')).toMatchObject({
      outcome: 'pass',
      measured: 0,
      because: expect.stringMatching(
        /2 of a stream of 2 writes were accepted, and data-plane-1, data-plane-2 and data-plane-3 showed them in order/,
      ),
    })
  })

  test('that every gateway followed in time meets a limit for that, where no other change was made', () => {
    const outcome = (events: readonly Event[]) =>
      findingOf(judged(events, { convergence: '5s' }), 'convergence').outcome
    expect(outcome(everyGatewayFollowed)).toBe('pass')
    expect(outcome(followed)).toBe('inconclusive')
  })

  test('that one gateway was never seen to follow is not known to have lost nothing', () => {
    expect(findingOf(judged(followed, { lostChanges: 0 }), 'lostChanges')).toMatchObject({
      outcome: 'inconclusive',
      because: 'Of a stream of 2 writes nobody saw what data-plane-1 and data-plane-3 showed in the end.',
    })
  })

  test('that one gateway was last seen at long before the end, or that no gateway is left to show, is not known to have lost nothing', () => {
    const lookedAway = [...everyGatewayFollowed.slice(0, 6), saw(9100, 'write-1', 'data-plane-3')]
    expect(findingOf(judged(lookedAway, { lostChanges: 0, convergence: '5s' }), 'lostChanges')).toMatchObject({
      outcome: 'inconclusive',
      because: 'Of a stream of 2 writes nobody saw what data-plane-3 showed in the end.',
    })
    const out = ['data-plane-1', 'data-plane-2', 'data-plane-3'].map((node): Event => {
      const told = {
        balancer: 'load-balancer-callers',
        backend: 'gateway',
        reason: 'L4CON',
        lastLookAt: 19_900,
      } as const
      return { kind: 'rotation', at: 20_000, node, state: 'out', was: 'in', ...told }
    })
    expect(findingOf(judged([...everyGatewayFollowed, ...out], { lostChanges: 0 }), 'lostChanges')).toMatchObject({
      outcome: 'inconclusive',
      because: expect.stringMatching(/^No gateway was in rotation at the end/),
    })
  })

  test('of which one came back is a lost change, of the gateway that showed it', () => {
    const back = [...followed.slice(0, 2), saw(15_000, 'write-1'), saw(15_300, 'write-2'), saw(29_000, 'write-2')]
    expect(findingOf(judged(back, { lostChanges: 0 }), 'lostChanges')).toMatchObject({
      outcome: 'fail',
      measured: 1,
      culprit: 'data-plane-2',
      at: 15_000,
      because: expect.stringMatching(/write-1 of stream-1 \(resurrected\) at data-plane-2/),
    })
  })

  test('that nobody looked at proves nothing', () => {
    expect(findingOf(judged([], { lostChanges: 0 }), 'lostChanges')).toMatchObject({ outcome: 'inconclusive' })
  })

  test('of which a gateway shows an old one for too long has not converged', () => {
    const late = [saw(9100, 'write-1'), saw(16_000, 'write-2'), saw(29_000, 'write-2')]
    expect(findingOf(judged(late, { convergence: '3s' }), 'convergence')).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-2',
      because: expect.stringMatching(/still showed write-1 of stream-1 \(stale\)/),
    })
  })

  test('counts for the write outage like any change', () => {
    expect(findingOf(judged(followed, { writeOutage: '1s' }), 'writeOutage')).toMatchObject({ outcome: 'pass' })
    const unanswered: Event = { kind: 'write', at: 20_000, id: 'u', key: 'stream-1', value: 'u', stage: 'sent' }
    expect(findingOf(judged([...followed, unanswered], { writeOutage: '1s' }), 'writeOutage')).toMatchObject({
      outcome: 'fail',
    })
  })
})

describe('every objective', () => {
  test.each(['dashboardOutage', 'uiStall', 'signOuts', 'convergence', 'writeOutage', 'lostChanges', 'duplicates'])(
    '%s without anything to measure it by is inconclusive',
    (objective) => {
      const counts = ['signOuts', 'lostChanges', 'duplicates']
      expect(verdictOf({ demand: { [objective]: counts.includes(objective) ? 0 : '1s' } }).outcome).toBe('inconclusive')
    },
  )

  test.each([
    ['p99', 'fast'],
    ['lostCalls', '0ms'],
    ['fullOutage', 3],
    ['nonsense', 1],
  ])('%s demanded as %s is inconclusive and says what was expected', (objective, demanded) => {
    const finding = findingOf(verdictOf({ demand: { [objective]: demanded } }), objective)
    expect(finding).toMatchObject({ outcome: 'inconclusive', because: expect.stringMatching(/expected/) })
  })
})

describe('crashes', () => {
  test('a judge that crashes makes its own finding inconclusive and leaves the others', () => {
    const history = historyOf({ demand: { signOuts: 0, lostCalls: 0 } })
    const broken = {
      ...analyse(history),
      get session(): never {
        throw new Error('out of memory')
      },
    } as Analysis
    const verdict = judge(history, broken)
    expect(verdict.findings.map((each) => [each.objective, each.outcome])).toEqual([
      ['fullOutage', 'pass'],
      ['lostCalls', 'pass'],
      ['signOuts', 'inconclusive'],
    ])
    expect(findingOf(verdict, 'signOuts').because).toMatch(/signOuts could not be judged: out of memory/)
    expect(verdict.outcome).toBe('inconclusive')
  })

  test('assumptions that crash are inconclusive', () => {
    const history = historyOf({})
    const verdict = judge(history, { ...analyse(history), doubts: null as unknown as Analysis['doubts'], faults: [] })
    expect(verdict.outcome).toBe('inconclusive')
  })

  test('an empty history is inconclusive', () => {
    const empty: History = { events: [], lanes: [], balancerCalls: [], log: [] }
    expect(judge(empty, analyse(empty)).outcome).toBe('inconclusive')
  })
})

describe('a script that was interrupted', () => {
  test('claims nothing any more, though it goes on: what it demands then was not played, and is no failure', () => {
    const demand: Demand = { lostCalls: 0, p99: '1ms' }
    const history = historyOf({ demand })
    expect(judge(history, analyse(history)).outcome).toBe('fail')
    const interrupted: Event = { kind: 'script', at: 9000, outcome: 'interrupted' }
    const place = history.events.findIndex(({ kind }) => kind === 'claim')
    const cut = { ...history, events: history.events.toSpliced(place, 0, interrupted) }
    const verdict = judge(cut, analyse(cut))
    expect(verdict.findings.map(({ objective }) => objective)).not.toContain('p99')
    expect(verdict.outcome).toBe('inconclusive')
    expect(verdict.because).toMatch(/^The script was interrupted at 9\.0 s\./)
  })
})

test('a kill of which nobody could attest when it took effect may have cost what it cost, or not', () => {
  const line = {
    requestId: 'r-kept-alive-1',
    node: 'data-plane-2',
    termination: '--',
    retries: 0,
    status: 200,
    from: 1,
    to: 2,
  }
  const lost = (attested: boolean): Finding =>
    findingOf(
      verdictOf({
        faults: [{ ...KILL, attested }],
        trouble: [{ from: 8100, to: 8400, how: 'refused' }],
        balancerCalls: [line],
        demand: {},
      }),
      'lostCalls',
    )
  expect(lost(true).outcome).toBe('fail')
  expect(lost(false)).toMatchObject({ outcome: 'inconclusive', measured: 120 })
})

test('a percentile that is nearer to its limit than is usually said has as many digits in its sentence as show it', () => {
  const slow: Trouble = { from: 8020, to: 14_000, how: 'slow', slowMs: 248.2, share: 1 }
  const finding = findingOf(verdictOf({ demand: { p99: '250ms' }, trouble: [slow] }), 'p99')
  expect(finding.outcome).toBe('fail')
  expect(finding.because).toMatch(/ was 250\.3 ms .*; 250\.0 ms was the limit\.$/)
})

test('where no answer names a gateway, nobody is told not to have survived, nor not to have come back', () => {
  const history = historyOf({ demand: { survivors: 2, readmission: '10s' } })
  for (const { node } of history.lanes) node.fill(NO_NODE)
  const verdict = judge(history, analyse(history))
  expect(['survivors', 'readmission'].map((each) => findingOf(verdict, each))).toEqual([
    expect.objectContaining({ outcome: 'inconclusive', because: expect.stringMatching(/x-firedrill-node/) }),
    expect.objectContaining({ outcome: 'inconclusive' }),
  ])
})
