import { describe, expect, test } from 'vitest'
import { OBJECTIVES } from '../verdict/objectives.ts'
import { sayShare } from '../verdict/say.ts'
import { passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'
import {
  becauseOf,
  sayDate,
  sayInstant,
  sayLength,
  sayLimit,
  sayMeasured,
  sayMet,
  sayRun,
  signLimit,
  titleOf,
  toldOf,
  tookOf,
  worstFirst,
} from './say.ts'

describe('numbers', () => {
  test('a share never rounds a loss away', () => {
    expect(sayShare(1)).toBe('100 %')
    expect(sayShare(0)).toBe('0 %')
    expect(sayShare(0.9998)).toBe('99.98 %')
    expect(sayShare(0.999992)).toBe('99.9992 %')
    expect(sayShare(0.5)).toBe('50.00 %')
    expect(sayShare(0.9999999999)).toBe('99.999999 %')
  })

  test('limits say which side they are on', () => {
    expect(sayLimit('p99', '250ms')).toBe('at most 250 ms')
    expect(sayLimit('recoveredP99', '2x')).toBe('at most 2 x steady')
    expect(sayLimit('imbalance', '1.2x')).toBe('at most 1.2 x')
    expect(sayLimit('survivors', 2)).toBe('at least 2')
    expect(sayLimit('availability', 0.999)).toBe('at least 99.90 %')
    expect(signLimit('ejection', '2m')).toBe('\u2264\u00A02\u00A0min')
    expect(signLimit('survivors', 2)).toBe('\u2265\u00A02')
  })

  test('a measurement carries its unit, and one that could not be made says so', () => {
    expect(sayMeasured({ objective: 'p99', measured: 312, unit: 'ms' })).toBe('312 ms')
    expect(sayMeasured({ objective: 'fullOutage', measured: 0, unit: 'ms' })).toBe('0 ms')
    expect(sayMeasured({ objective: 'lostCalls', measured: 1, unit: 'calls' })).toBe('1 call')
    const unmeasured = { objective: 'convergence', measured: null, unit: 'ms' } as const
    expect(sayMeasured({ ...unmeasured, outcome: 'inconclusive' })).toBe('not measured')
    expect(sayMeasured({ ...unmeasured, outcome: 'pass' })).toBe('within the limit')
    expect(sayMeasured({ objective: 'p99VsSteady', measured: 1.034, unit: 'ratio' })).toBe('1.03 x')
    expect(sayMeasured({ objective: 'availability', measured: 0.9998, unit: 'ratio' })).toBe('99.98 %')
    expect(sayMeasured({ objective: 'ejection', measured: null, unit: 'ms' })).toBe('not measured')
    expect(sayMeasured({ objective: 'ejection', measured: Number.NaN, unit: 'ms' })).toBe('not measured')
  })

  test('what is nearer to its limit than is usually said has as many digits as show it, and the limit those that it was written with', () => {
    expect(sayMeasured({ objective: 'p99', measured: 250.4, unit: 'ms', demanded: '250ms' })).toBe('250.4 ms')
    expect(sayMeasured({ objective: 'fullOutage', measured: 0.004, unit: 'ms', demanded: '0ms' })).toBe('0.004 ms')
    expect(sayMeasured({ objective: 'imbalance', measured: 1.2004, unit: 'ratio', demanded: '1.2x' })).toBe('1.2004 x')
    expect(sayMeasured({ objective: 'headroom', measured: 1.999, unit: 'ratio', demanded: 2 })).toBe('1.999 x')
    expect(sayMeasured({ objective: 'availability', measured: 0.999605, unit: 'ratio', demanded: 0.99961 })).toBe(
      '99.960 %',
    )
    expect(sayLimit('availability', 0.99961)).toBe('at least 99.961 %')
    expect(sayLimit('headroom', 1.234)).toBe('at least 1.234')
    expect(sayMeasured({ objective: 'p99', measured: 250, unit: 'ms', demanded: '250ms' })).toBe('250 ms')
    expect(sayMeasured({ objective: 'p99', measured: 312, unit: 'ms', demanded: '250ms' })).toBe('312 ms')
  })

  test('a demand that is no number has no side', () => {
    expect(sayLimit('readmission', 'not before it is ready')).toBe('not before it is ready')
    expect(signLimit('readmission', 'not before it is ready')).toBe('not before it is ready')
  })

  test('instants and lengths read as a person writes them', () => {
    expect([sayInstant(8_020), sayInstant(null), sayLength(0), sayLength(0.4), sayLength(2_300)]).toEqual([
      '8.02 s',
      'not seen',
      '0 ms',
      '0.40 ms',
      '2.3 s',
    ])
    expect(sayDate('2026-11-20T14:02:11.482Z')).toBe('2026-11-20 14:02:11 UTC')
    expect(sayDate('no date')).toBe('no date')
  })
})

describe('sentences', () => {
  test('every objective has a title of its own', () => {
    expect(new Set(OBJECTIVES.map(titleOf)).size).toBe(OBJECTIVES.length)
    expect(OBJECTIVES.filter((objective) => titleOf(objective) === objective)).toEqual([])
    expect(titleOf('constructor')).toBe('constructor')
  })

  test('a run is said in one sentence, worst outcome first', () => {
    const summary = sampleSummary([passedScenario('a'), sampleScenario({ folder: 'b' }), passedScenario('c')])
    expect(sayRun(summary)).toBe('1 of 3 scenarios failed; 2 passed. 1 did not apply and was skipped.')
    expect(sayRun({ ...sampleSummary([passedScenario('a'), passedScenario('c')]), skipped: [] })).toBe(
      'All 2 scenarios passed.',
    )
    expect(sayRun({ ...sampleSummary([passedScenario('a')]), skipped: [] })).toBe('1 of 1 scenario passed.')
    expect(sayRun({ ...sampleSummary([]), skipped: [] })).toBe('No scenario was run.')
    expect(sayRun({ ...sampleSummary([]), leftBehind: 'the network is in use' })).toMatch(
      /run\. .*the network is in use/,
    )
    const attempts = [
      { name: 'a', folder: 'a.attempt-1', outcome: 'inconclusive', because: 'Why.', stays: true },
    ] as const
    expect(sayRun({ ...sampleSummary([passedScenario('a')]), skipped: [], attempts })).toBe(
      '1 of 1 scenario passed. 1 earlier attempt proved nothing for a reason that may be the deployment’s own.',
    )
  })

  test('limits of a team’s own are told with the scenario and with the run, and how many are looser', () => {
    const [own, other, ...rest] = passedScenario('a').verdict.findings
    if (!own || !other) throw new Error('the sample has fewer than two findings')
    const findings = [
      { ...own, demandedBy: 'team' as const, looser: true },
      { ...other, demandedBy: 'team' as const },
      ...rest,
    ]
    const { verdict, ...report } = passedScenario('a')
    const eased = { ...report, verdict: { ...verdict, findings } }
    const summary = { ...sampleSummary([eased, passedScenario('c')]), skipped: [] }
    const [told, untouched] = toldOf(summary, [eased, passedScenario('c')])
    expect(told && becauseOf(told)).toBe(
      `${verdict.because} 2 of its 5 limits are the team’s own, 1 of them looser than the default.`,
    )
    expect(untouched && becauseOf(untouched)).toBe(verdict.because)
    expect(sayRun(summary)).toBe(
      'All 2 scenarios passed. 2 limits in 1 scenario are the team’s own, 1 of them looser than the default.',
    )
  })

  test('a scenario without a record is told by its worst finding', () => {
    const report = sampleScenario()
    const [told] = toldOf(sampleSummary([report]), [])
    expect(told && becauseOf(told)).toMatch(/^For 41 ms from 8.02 s no call/)
    expect(told && tookOf(told)).toBeNull()
  })

  test('findings that were missed come before those in doubt, and those before the ones met', () => {
    const { findings } = sampleScenario().verdict
    expect(worstFirst(findings).map(({ outcome }) => outcome)).toEqual([
      'fail',
      'fail',
      'fail',
      'inconclusive',
      'pass',
      'pass',
      'pass',
    ])
    expect(sayMet(findings)).toBe('3 of 7')
  })
})
