import { expect, test } from 'vitest'
import type { Verdict } from '../verdict/verdict.ts'
import { summaryJson, verdictJson } from './json.ts'
import { sampleScenario, sampleSummary } from './sample.fixture.ts'

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}

test('the order of keys does not depend on the order they were made in', () => {
  const summary = sampleSummary([sampleScenario()])
  expect(summaryJson(reversed(summary) as typeof summary)).toBe(summaryJson(summary))
  const { verdict } = sampleScenario()
  expect(verdictJson(reversed(verdict) as typeof verdict)).toBe(verdictJson(verdict))
})

const written = (verdict: Verdict) => JSON.parse(verdictJson(verdict))

test('times are written to the microsecond', () => {
  const { verdict } = sampleScenario()
  const [finding] = verdict.findings
  const [lane] = verdict.latency
  const said = written({
    ...verdict,
    findings: finding ? [{ ...finding, at: 8_020.123_456, measured: 41.000_049_9, unit: 'ms' }] : [],
    latency: lane ? [{ ...lane, p99: 2.345_678_9 }] : [],
    phases: { steady: [0.000_1, 7_964.123_456], disturbed: null, recovered: null },
  })
  expect(said.findings[0]).toMatchObject({ at: 8_020.123, measured: 41 })
  expect(said.latency[0].p99).toBe(2.346)
  expect(said.phases.steady).toEqual([0, 7_964.123])
})

test('what is no time is written as it is: limits, shares, and what was used of a budget', () => {
  const { verdict } = sampleScenario()
  const availability = {
    objective: 'availability',
    demanded: 0.9999,
    default: 0.999_95,
    measured: 0.999_712_345_6,
    unit: 'ratio',
    outcome: 'fail',
    because: 'Some were not.',
  } as const
  const [service] = verdict.service
  const [budget] = service?.errorBudgets ?? []
  const used = { used: 0.000_386_123_4, burnRate: { steady: 0, disturbed: 0.123_456_7, recovered: null } }
  const said = written({
    ...verdict,
    findings: [availability],
    service: service && budget ? [{ ...service, errorBudgets: [{ ...budget, ...used, badMs: 40.123_456 }] }] : [],
  })
  expect(said.findings).toEqual([availability])
  expect(said.service[0].errorBudgets).toEqual([{ ...budget, ...used, badMs: 40.123 }])
})

test('summary.json starts with what a reader looks for', () => {
  const summary = sampleSummary([sampleScenario()])
  expect(Object.keys(JSON.parse(summaryJson(summary)))).toEqual([
    'schema',
    'run',
    'outcome',
    'exitCode',
    'seed',
    'stack',
    'defect',
    'startedAt',
    'tookMs',
    'scenarios',
    'skipped',
    'provenance',
  ])
})
