import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { distributionOf } from '../analysis/distribution.ts'
import type { TimingDistribution } from './distributions.ts'
import { renderJunit } from './junit.ts'
import { inconclusiveScenario, passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'
import type { ScenarioReport } from './summary.ts'

const LISTS = ['testsuite', 'testcase', 'property']
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => LISTS.includes(name),
})

const parse = (xml: string) => {
  expect(XMLValidator.validate(xml)).toBe(true)
  return parser.parse(xml).testsuites
}

const scenarios = [sampleScenario(), passedScenario(), inconclusiveScenario()]
const suites = parse(renderJunit(sampleSummary(scenarios), scenarios))
const suiteNamed = (name: string) => suites.testsuite.find((suite: { name: string }) => suite.name === name)

describe('junit.xml', () => {
  test('a scenario that failed is a failure, with the sentence that says why', () => {
    const [whole, outage] = suiteNamed('data-plane-failover').testcase
    expect(whole.failure.message).toMatch(/^No call was answered for 41 ms/)
    expect(outage).toMatchObject({ name: 'Full outage: at most 0 ms', classname: 'data-plane-failover' })
    expect(outage.failure['#text']).toContain('culprit load-balancer-callers')
    expect(outage.failure['#text']).toContain('logs/load-balancer-callers.log:1841')
  })

  test('a scenario that is inconclusive is an error, and nothing is ever skipped', () => {
    const [whole] = suiteNamed('rolling-restart').testcase
    expect(whole.error).toMatchObject({ type: 'inconclusive' })
    expect(whole.failure).toBeUndefined()
    expect(suites.skipped).toBe('0')
    expect(renderJunit(sampleSummary(scenarios), scenarios)).not.toContain('<skipped')
  })

  test('a scenario that passed has neither', () => {
    expect(suiteNamed('control-plane-failover')).toMatchObject({ tests: '6', failures: '0', errors: '0' })
    expect(
      suiteNamed('control-plane-failover').testcase.every((each: object) => !('failure' in each) && !('error' in each)),
    ).toBe(true)
  })

  test('each scenario began when its own record did, and the run and what left no record when the run did', () => {
    const { verdict, ...rest } = passedScenario()
    const later = { ...rest, verdict: { ...verdict, startedAt: '2026-11-20T14:05:00.000Z' } }
    const run = sampleSummary([sampleScenario(), later])
    const began = (recorded: readonly ScenarioReport[]) =>
      Object.fromEntries(
        parse(renderJunit(run, recorded)).testsuite.map((suite: { name: string; timestamp: string }) => [
          suite.name,
          suite.timestamp,
        ]),
      )
    const { startedAt } = run
    const first = { run: startedAt, 'data-plane-failover': sampleScenario().verdict.startedAt }
    expect(began([sampleScenario(), later])).toEqual({ ...first, 'control-plane-failover': later.verdict.startedAt })
    expect(began([sampleScenario()])).toEqual({ ...first, 'control-plane-failover': startedAt })
  })

  test('what nobody wrote down the length of has no time, and is not said to have taken none', () => {
    const run = sampleSummary([sampleScenario(), passedScenario()])
    const testsuites = parse(renderJunit({ ...run, tookMs: null }, [passedScenario()]))
    const [, unread, passed] = testsuites.testsuite
    const times = [testsuites, unread, unread.testcase[0], passed, passed.testcase[0]].map(({ time }) => time)
    expect(times).toEqual([undefined, undefined, undefined, expect.any(String), expect.any(String)])
    expect(parse(renderJunit(run, [])).time).toBe('141.200')
  })

  test('totals are the sums of their suites', () => {
    for (const key of ['tests', 'failures', 'errors']) {
      expect(Number(suites[key])).toBe(
        suites.testsuite.reduce((sum: number, suite: Record<string, string>) => sum + Number(suite[key]), 0),
      )
    }
    expect(suites).toMatchObject({ failures: '4', errors: '7' })
  })

  test('scenarios that were left out are named with the reason', () => {
    expect(suiteNamed('run').properties.property).toContainEqual({
      name: 'skipped: zone-outage',
      value: 'The deployment high-availability has no third zone to survive in.',
    })
    expect(suiteNamed('run')['system-out']).toMatch(/^skipped zone-outage: /)
  })

  test('a run that is inconclusive although every scenario passed is an error', () => {
    const run = {
      ...sampleSummary([passedScenario()]),
      outcome: 'inconclusive',
      exitCode: 2,
      suite: 'acceptance',
    } as const
    const { testsuite, errors } = parse(renderJunit(run, [passedScenario()]))
    expect(errors).toBe('1')
    expect(testsuite[0].testcase[0].error.message).toBe(
      '1 of 1 scenario passed. 1 did not apply and was skipped, and the suite acceptance requires it.',
    )
  })

  test.each([
    [{ leftBehind: 'the network fd-1 would not go' }, /would not go. Run `npm run clean`.$/],
    [{ endedOddly: 'with exit code 1' }, /Playwright ended with exit code 1 all the same: .* left no record/],
    [
      { attempts: [{ name: 'a', folder: 'a.1', outcome: 'inconclusive', because: 'Why.', stays: true }] },
      /1 earlier attempt proved nothing for a reason that may be the deployment’s own.$/,
    ],
  ] as const)('a run that is inconclusive by %j says that, and nothing of what was skipped', (more, because) => {
    const run = {
      ...sampleSummary([passedScenario()]),
      ...more,
      skipped: [],
      outcome: 'inconclusive',
      exitCode: 2,
    } as const
    const { message } = parse(renderJunit(run, [passedScenario()])).testsuite[0].testcase[0].error
    expect(message).toMatch(because)
    expect(message).not.toContain('skipped')
  })

  test.each([
    [{ leftBehind: 'the network fd-1 would not go' }, /would not go/],
    [{ endedOddly: 'with exit code 1' }, /Playwright ended/],
    [
      { attempts: [{ name: 'a', folder: 'a.1', outcome: 'inconclusive', because: 'Why.', stays: true }] },
      /1 earlier attempt/,
    ],
  ] as const)('%j is told also beside a scenario that failed', (more, because) => {
    const run = { ...sampleSummary([sampleScenario()]), ...more, outcome: 'fail', exitCode: 1 } as const
    const { testsuite } = parse(renderJunit(run, [sampleScenario()]))
    expect(testsuite[0].testcase.map((each: { failure: { message: string } }) => each.failure.message)).toEqual([
      expect.stringMatching(because),
    ])
  })

  test('times outside of what the settings predict are a failure of their own, and those within are not told', () => {
    const within: TimingDistribution = {
      ...distributionOf([400, 500]),
      scenario: 'control-plane-failover',
      measure: 'ejection',
      fault: 'stop',
      by: 'callers-balancer',
      censored: 0,
      predictedMaxMs: 1500,
      outcome: 'pass',
      outside: [],
    }
    const because = 'a.2: ejection of data-plane-1 by callers-balancer took 2.0 s.'
    const strays: TimingDistribution = {
      ...within,
      fault: 'kill',
      outcome: 'fail',
      outside: [{ folder: 'a.2', outcome: 'fail', because }],
    }
    const run = {
      ...sampleSummary([passedScenario()]),
      distributions: [within, strays],
      outcome: 'fail',
      exitCode: 1,
    } as const
    const { testsuite, failures } = parse(renderJunit(run, [passedScenario()]))
    expect({ failures, tests: testsuite[0].testcase.length }).toEqual({ failures: '1', tests: 1 })
    expect(testsuite[0].testcase[0]).toMatchObject({
      name: 'control-plane-failover: ejection after kill, callers-balancer',
      classname: 'distribution',
      failure: { message: '1 of 2 measured times lies outside of what the settings predict.' },
    })
    expect(testsuite[0].testcase[0].failure['#text']).toContain(because)
  })

  test('text that XML does not allow is made harmless', () => {
    const { verdict, ...rest } = sampleScenario()
    const hostile = `]]></failure><script>"'&\u001B[31m\u0000\uD800`
    const told = { ...rest, verdict: { ...verdict, title: hostile, because: hostile } }
    const [, suite] = parse(renderJunit(sampleSummary([told]), [told])).testsuite
    expect(suite.testcase[0].name).toContain(']]>')
  })
})
