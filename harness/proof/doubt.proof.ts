// A fault that never happened: inconclusive, and never pass. Sick sensors: sick-sensor.test.ts.
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
