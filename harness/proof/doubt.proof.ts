// A sick sensor, and a fault that never happened: inconclusive, never pass, and never blamed on the deployment.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, verdictOf } from './run-drill.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test('a kill that does nothing is inconclusive and the verdict says which fault did not land', async () => {
  const run = await drilled(['data-plane-failover', '--rerun-inconclusive', '0'], { FIREDRILL_SABOTAGE: 'no-op' })
  const verdict = await verdictOf(run, 'data-plane-failover')
  const doubt = verdict.assumptions
    .filter((each) => !each.holds)
    .map((each) => each.because)
    .join(' ')
  expect({ exitCode: run.exitCode, outcome: verdict.outcome, doubt }).toEqual({
    exitCode: 2,
    outcome: 'inconclusive',
    doubt: expect.stringMatching(/kill/),
  })
})

test('callers starved of CPU are inconclusive, not an outage', async () => {
  const run = await drilled(['data-plane-failover', '--rerun-inconclusive', '0'], { FIREDRILL_CALLERS_CPUS: '0.04' })
  const verdict = await verdictOf(run, 'data-plane-failover')
  expect({
    exitCode: run.exitCode,
    outcome: verdict.outcome,
    failed: verdict.findings.filter((each) => each.outcome === 'fail'),
  }).toEqual({
    exitCode: 2,
    outcome: 'inconclusive',
    failed: [],
  })
})
