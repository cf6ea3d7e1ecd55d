import { expect, test } from 'vitest'
import { exitCodeOfRun, outcomeOfRun, type RunShown } from './run-outcome.ts'

const pass = { outcome: 'pass' } as const
const fail = { outcome: 'fail' } as const
const unproven = { outcome: 'inconclusive' } as const

const exitCodeOf = (shown: Partial<RunShown>): number => {
  const run: RunShown = {
    scenarios: [pass],
    distributions: [],
    attempts: [],
    isMissing: false,
    isAtFault: false,
    hasLeftSomething: false,
    hasEndedOddly: false,
    ...shown,
  }
  return exitCodeOfRun(outcomeOfRun(run), run)
}

test.each<[string, number, Partial<RunShown>]>([
  ['all that passed', 0, {}],
  ['nothing', 2, { scenarios: [] }],
  ['one that proved nothing', 2, { scenarios: [pass, unproven] }],
  ['one that failed, beside one that proved nothing', 1, { scenarios: [unproven, fail] }],
  ['a distribution outside of its prediction', 1, { distributions: [fail] }],
  ['a distribution of which too little is known', 2, { distributions: [unproven] }],
  ['an attempt that proved nothing, by the sensor', 0, { attempts: [unproven] }],
  ['an attempt that proved nothing, by the deployment perhaps', 2, { attempts: [{ ...unproven, stays: true }] }],
  ['an attempt that failed', 1, { attempts: [fail] }],
  ['something required that does not apply', 2, { isMissing: true }],
  ['something that would not go', 2, { hasLeftSomething: true }],
  ['an end of Playwright’s that nothing explains', 2, { hasEndedOddly: true }],
  ['a machine at fault', 3, { isAtFault: true }],
  ['a machine at fault, when something had failed', 1, { isAtFault: true, scenarios: [fail] }],
  ['a machine at fault, and nothing played', 3, { isAtFault: true, scenarios: [] }],
])('a run of %s ends with %i', (_, exitCode, shown) => {
  expect(exitCodeOf(shown)).toBe(exitCode)
})
