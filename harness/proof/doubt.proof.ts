// A fault that never happened: inconclusive, and never pass. Sick sensors: sick-sensor.test.ts.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, verdictOf } from './run-drill.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test('a kill that does nothing is inconclusive and the verdict says which fault did not land', async () => {
  const run = await drilled(['data-plane-failover', '--rerun-inconclusive', '0'], { FIREDRILL_SABOTAGE: 'no-op' })
  const verdict = await verdictOf(run, 'data-plane-failover')
  const doubts = verdict.assumptions.filter((each) => !each.holds)
  expect([run.exitCode, verdict.outcome]).toEqual([2, 'inconclusive'])
  expect(doubts).toContainEqual(
    expect.objectContaining({
      name: expect.stringMatching(/^kill of data-plane-\d is attested$/),
      because: expect.stringMatching(/nobody could attest that it is in effect/),
    }),
  )
})
