import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { type Broken, historyOf, opinion } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'
import type { Finding } from './verdict.ts'

const CONTROL_PLANE = ['control-plane-1', 'control-plane-2']
const OUTAGE: Broken = { kind: 'stop', targets: CONTROL_PLANE, at: 8000, healAt: 14_000, plannedDowntime: true }

const started = (at: number, node = 'data-plane-2'): Event => ({
  kind: 'engine',
  at,
  container: `${node}-container`,
  node,
  action: 'start',
})

const seen = (at: number, state: 'in' | 'out'): Event => opinion(at, 'data-plane-2', state)

const findingOf = (events: readonly Event[], outage: Broken = OUTAGE, limit = 0): Finding | undefined => {
  const history = historyOf({ faults: [outage], demand: { admittedUnconfigured: limit }, events })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'admittedUnconfigured')
}

test('a gateway that starts without a control plane and is kept out until there is one again passes', () => {
  expect(findingOf([seen(9000, 'out'), started(10_000), seen(15_000, 'in')])).toMatchObject({
    outcome: 'pass',
    measured: 0,
    because: expect.stringMatching(/^data-plane-2, started while .* was taken in by no balancer/),
  })
})

test('one that a balancer takes in before is named, at whichever of its starts', () => {
  const early = [seen(9000, 'out'), started(10_000), seen(11_500, 'in')]
  expect(findingOf(early)).toMatchObject({ outcome: 'fail', measured: 1, culprit: 'data-plane-2', at: 11_500 })
  expect(findingOf([...early.slice(0, 2), started(12_000), seen(13_500, 'in')])).toMatchObject({ outcome: 'fail' })
  expect(findingOf(early, OUTAGE, 1)).toMatchObject({ outcome: 'pass', measured: 1 })
})

test('one that the balancer had not yet dropped as it started was not taken in', () => {
  expect(findingOf([seen(9000, 'in'), started(10_000), seen(10_300, 'out')])).toMatchObject({ outcome: 'pass' })
})

test('nobody who started before, after, or beside a control-plane node that was up had to be kept out', () => {
  const nobody = { outcome: 'inconclusive', measured: null }
  expect(findingOf([started(7000), seen(9000, 'in')])).toMatchObject(nobody)
  expect(findingOf([started(14_500), seen(15_500, 'in')])).toMatchObject(nobody)
  expect(findingOf([started(10_000), seen(11_500, 'in')], { ...OUTAGE, targets: ['control-plane-1'] })).toMatchObject(
    nobody,
  )
  expect(findingOf([started(10_000, 'control-plane-1')])).toMatchObject(nobody)
})
