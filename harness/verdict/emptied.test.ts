import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { type Broken, historyOf } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'
import type { Finding } from './verdict.ts'

const NODES = ['data-plane-1', 'data-plane-2', 'data-plane-3']
const STOP: Broken = { kind: 'stop', targets: ['control-plane-1'], at: 8000, healAt: 14_000, plannedDowntime: true }
const DOWN = { from: 9000, to: 12_000, how: 'wrong' } as const

/** The balancer drops these from 9.1 s to 12.1 s, as it is seen a little after callers met it. */
const dropped = (nodes: readonly string[]): readonly Event[] =>
  nodes.flatMap((node) =>
    (['out', 'in'] as const).map(
      (state, i): Event => ({
        kind: 'rotation',
        at: 9100 + i * 3000,
        balancer: 'load-balancer-callers',
        backend: 'gateway',
        node,
        state,
        was: i === 0 ? 'in' : 'out',
        lastLookAt: 9000 + i * 3000,
        ...(i === 0 && { reason: 'L7STS 503' }),
      }),
    ),
  )

/** Calls that the balancer answers itself join to no gateway. */
const findingsOf = (
  nodes: readonly string[],
  faults: readonly Broken[] = [STOP],
  isNamed = (_: number): boolean => false,
): readonly Finding[] => {
  const history = historyOf({
    faults,
    trouble: nodes.length === NODES.length ? [DOWN] : [],
    demand: { emptied: '30s', lostCalls: 0 },
    events: dropped(nodes),
  })
  const answeredByNobody = history.lanes.map((lane) => ({
    ...lane,
    node: lane.node.map((node, i) => (lane.status[i] === 503 && !isNamed(i) ? 255 : node)),
  }))
  const unnamed = { ...history, lanes: answeredByNobody }
  return judge(unnamed, analyse(unnamed)).findings
}

const findingOf = (objective: string, findings: readonly Finding[]): Partial<Finding> =>
  findings.find((each) => each.objective === objective) ?? {}

describe('a rotation', () => {
  test('that is empty passes where that was declared, with how soon it was', () => {
    expect(findingOf('emptied', findingsOf(NODES))).toMatchObject({
      outcome: 'pass',
      measured: 1080,
      because: expect.stringMatching(
        /load-balancer-callers, which checks \/status \(L7STS 503\), trusted none of data-plane-1/,
      ),
    })
  })

  test('that keeps one gateway fails where it should be empty, and names the balancer', () => {
    expect(findingOf('emptied', findingsOf(NODES.slice(1)))).toMatchObject({
      outcome: 'fail',
      culprit: 'load-balancer-callers',
    })
  })

  test('that is empty though no gateway was broken is the balancer’s, and its check is told', () => {
    const findings = findingsOf(NODES)
    expect(findingOf('lostCalls', findings)).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
    expect(findingOf('fullOutage', findings)).toMatchObject({
      outcome: 'fail',
      culprit: 'load-balancer-callers',
      because: expect.stringMatching(/Meanwhile load-balancer-callers, which checks \/status/),
    })
  })

  test('that is empty is the balancer’s also where a call or two of hundreds were lost on a gateway', () => {
    const first = 1790
    const findings = findingsOf(NODES, [STOP], (i) => i === first)
    expect(findingOf('lostCalls', findings)).toMatchObject({ outcome: 'fail', culprit: 'load-balancer-callers' })
  })

  test('that is empty because a gateway was broken, and others were out already, blames nobody', () => {
    const kill: Broken = { kind: 'kill', targets: ['data-plane-1'], at: 8000, healAt: 14_000 }
    expect(findingOf('fullOutage', findingsOf(NODES, [kill])).culprit).toBeUndefined()
  })
})
