import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { inconclusiveScenario, passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'
import { progressLine, type Snapshot, verdictLines, wantsColor } from './terminal.ts'

const snapshot: Snapshot = {
  scenario: 'data-plane-failover',
  phase: 'disturbed',
  callsPerSecond: 200,
  answeredShare: 0.996,
  p99Ms: 312,
  faultsInEffect: ['kill data-plane-1'],
  elapsedMs: 9_300,
}

describe('progressLine', () => {
  test('says phase, rate, answered share, p99 and what is broken', () => {
    expect(progressLine(snapshot, { color: false })).toBe(
      '   9 s disturbed  200 calls/s  99.6 % answered p99 312 ms  data-plane-failover: kill data-plane-1',
    )
  })

  test('is one line of printable ASCII, at most 100 columns, whatever it is told', () => {
    const line = progressLine(
      {
        scenario: 'x'.repeat(60),
        phase: 'recovered\n\u001B[2J',
        callsPerSecond: 123_456,
        answeredShare: 0,
        p99Ms: null,
        faultsInEffect: Array(9).fill('stop control-plane-1 \u2192'),
        elapsedMs: 1e7,
      },
      { color: false },
    )
    expect(line).toMatch(/^[\x20-\x7E]{1,100}$/)
    expect(line).toContain('p99 unknown')
  })

  test('a fault is said even where the scenario has no room left', () => {
    const line = progressLine(
      { ...snapshot, scenario: 'control-plane-failover', faultsInEffect: ['stop control-plane-1'] },
      { color: false },
    )
    expect(line).toMatch(/p99 312 ms {2}stop control-plane-1$/)
    expect(progressLine({ ...snapshot, faultsInEffect: [] }, { color: false })).toMatch(
      /p99 312 ms {2}data-plane-failover$/,
    )
  })

  test('an answered share just below one is not said to be all', () => {
    expect(progressLine({ ...snapshot, answeredShare: 0.9999 }, { color: false })).toContain(' 99.9 % answered')
    expect(progressLine({ ...snapshot, answeredShare: 1 }, { color: false })).toContain('100.0 % answered')
  })

  test('a second without a call is not one in which none was answered', () => {
    const line = progressLine({ ...snapshot, callsPerSecond: 0, answeredShare: null, p99Ms: null }, { color: true })
    expect(line).toContain('0 calls/s   nothing called p99 unknown')
    expect(line).not.toContain('% answered')
  })

  test('colour changes no word', () => {
    expect(stripVTControlCharacters(progressLine(snapshot, { color: true }))).toBe(
      progressLine(snapshot, { color: false }),
    )
    expect(progressLine(snapshot, { color: true })).toContain('\u001B[31m')
  })
})

describe('verdictLines', () => {
  const scenarios = [passedScenario(), sampleScenario(), inconclusiveScenario()]
  const lines = verdictLines(sampleSummary(scenarios), scenarios, { color: false, report: '/runs/x/index.html' })

  test('a scenario that passed takes one line', () => {
    expect(lines.filter((line) => line.startsWith('pass'))).toEqual([
      'pass          control-plane-failover       36.0 s',
    ])
    expect(lines.join('\n')).not.toContain('Callers lost no call')
  })

  test('one that did not says why, what was missed and which assumption does not hold', () => {
    expect(lines).toContain('    fail Lost calls: measured 21 calls, demanded at most 3, culprit data-plane-1')
    expect(lines).toContain('    does not hold: faults attested: No engine event of a restart came within 10 s.')
  })

  test('ends with the outcome, the report and what the exit code means', () => {
    expect(lines.slice(-3)).toEqual([
      'fail: 1 of 3 scenarios failed; 1 is inconclusive; 1 passed. 1 did not apply and was skipped.',
      'Report: /runs/x/index.html',
      'Exit code 1, fail: an objective was missed, or a measured time lies outside of what the settings predict, on sound evidence.',
    ])
  })

  test('escape sequences from a run never reach the terminal', () => {
    const { verdict, ...rest } = sampleScenario()
    const told = { ...rest, verdict: { ...verdict, because: 'cleared\u001B[2J\u0007 screen' } }
    const said = verdictLines(sampleSummary([told]), [told], { color: false })
    expect(said).toContain('    cleared? screen')
    expect(said.join('\n')).toMatch(/^[\x20-\x7E\n]*$/)
  })
})

describe('wantsColor', () => {
  test('NO_COLOR wins over everything', () => {
    expect(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false)
  })

  test('a terminal is coloured, a pipe is not unless asked', () => {
    expect([
      wantsColor({}, true),
      wantsColor({}, false),
      wantsColor({ FORCE_COLOR: '1' }, false),
      wantsColor({ TERM: 'dumb' }, true),
    ]).toEqual([true, false, true, false])
  })
})
