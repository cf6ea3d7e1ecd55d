// What the script demanded itself is the default of the limits that a team put in their place.
import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import type { Demand, ScriptLimits } from '../history/event.ts'
import { judge } from './judge.ts'

/** A kill that costs nothing, claimed like this. */
const judged = (demand: Demand, script?: ScriptLimits) => {
  const claim = { kind: 'claim', at: 17_001, demand, ...(script && { script }) } as const
  const history = historyOf({ demand: null, events: [claim] })
  const { outcome, findings } = judge(history, analyse(history))
  return {
    outcome,
    findings: findings.map((each) => [each.objective, each.default, each.demandedBy ?? null, each.looser ?? false]),
  }
}

test('a team’s limits that hollow a scenario out are each marked as looser than what it demanded', () => {
  expect(
    judged(
      { p99: '60s', lostCalls: 99, availability: 0, survivors: 0 },
      { p99: '250ms', lostCalls: 0, availability: 0.999, survivors: 2 },
    ),
  ).toEqual({
    outcome: 'pass',
    findings: [
      ['fullOutage', '0ms', null, false],
      ['lostCalls', 0, 'team', true],
      ['availability', 0.999, 'team', true],
      ['p99', '250ms', 'team', true],
      ['survivors', 2, 'team', true],
    ],
  })
})

test('limits that are stricter, or that nobody demanded before, are the team’s and no looser', () => {
  expect(
    judged({ p99: '200ms', survivors: 2, recovery: '60s' }, { p99: '250ms', survivors: 1, recovery: null }),
  ).toEqual({
    outcome: 'pass',
    findings: [
      ['fullOutage', '0ms', null, false],
      ['lostCalls', 0, null, false],
      ['p99', '250ms', 'team', false],
      ['recovery', null, 'team', false],
      ['survivors', 1, 'team', false],
    ],
  })
})

test('where the script demanded nothing, what a healthy deployment may lose is the default all the same', () => {
  expect(judged({ fullOutage: '9s' }, { fullOutage: null }).findings[0]).toEqual(['fullOutage', '0ms', 'team', true])
})

test('a claim of before the script’s own limits were recorded is judged as it was then', () => {
  expect(judged({ p99: '60s' })).toEqual({
    outcome: 'pass',
    findings: [
      ['fullOutage', '0ms', null, false],
      ['lostCalls', 0, null, false],
      ['p99', null, null, false],
    ],
  })
})
