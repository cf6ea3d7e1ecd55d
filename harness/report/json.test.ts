import { expect, test } from 'vitest'
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

const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'number' ? Math.round(inner * 1000) / 1000 : inner)))

test('the order of keys does not depend on the order they were made in', () => {
  const summary = sampleSummary([sampleScenario()])
  expect(summaryJson(reversed(summary) as typeof summary)).toBe(summaryJson(summary))
  const { verdict } = sampleScenario()
  expect(verdictJson(reversed(verdict) as typeof verdict)).toBe(verdictJson(verdict))
})

test('nothing is lost but digits below a microsecond', () => {
  const { verdict } = sampleScenario()
  expect(JSON.parse(verdictJson(verdict))).toEqual(rounded(verdict))
  const [finding] = verdict.findings
  expect(
    finding &&
      JSON.parse(verdictJson({ ...verdict, findings: [{ ...finding, measured: 41.000_049_9 }] })).findings[0].measured,
  ).toBe(41)
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
