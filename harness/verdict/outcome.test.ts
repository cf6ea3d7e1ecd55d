import { describe, expect, test } from 'vitest'
import { isSensorsDoubt } from './outcome.ts'
import type { Assumption, Finding } from './verdict.ts'

const machine: Assumption = { name: 'The machine was quiet', holds: false, because: 'It was not.', isSensors: true }
const script: Assumption = { name: 'The script ran to its end', holds: false, because: 'It threw.' }
const finding = (
  objective: string,
  outcome: Finding['outcome'] = 'inconclusive',
  more: Partial<Finding> = {},
): Finding => ({
  objective,
  demanded: 0,
  default: null,
  measured: null,
  unit: 'count',
  outcome,
  because: 'Why.',
  ...more,
})

/** Callers were not served as before for so long, and then the run ended. */
const unrecovered = finding('recovery', 'inconclusive', { measured: 11_000 })

describe('an inconclusive verdict', () => {
  test.each<[string, readonly Assumption[], readonly Finding[], boolean]>([
    ['by a machine that was not quiet is the sensor’s', [machine], [finding('fullOutage')], true],
    ['by a page that nobody could measure is the sensor’s', [], [finding('uiStall')], true],
    ['by callers who were not served as before by the end may be the deployment’s', [], [unrecovered], false],
    ['by the same beside a machine that was not quiet is the sensor’s', [machine], [unrecovered], true],
    ['by a recovery that the machine left nobody to measure is the sensor’s', [], [finding('recovery')], true],
    [
      'by an outage that had not ended when the run did may be the deployment’s, also beside a machine that was not quiet',
      [machine],
      [finding('fullOutage', 'inconclusive', { unended: true })],
      false,
    ],
    ['by a page that never said who is signed in may be the deployment’s', [], [finding('signOuts')], false],
    ['by a script that threw may be the deployment’s', [script], [], false],
    ['by both may be the deployment’s', [machine, script], [], false],
    ['by what was before anything was broken is not the deployment’s', [{ ...script, window: [0, 7999] }], [], true],
    ['by what began before that and went on may be', [{ ...script, window: [0, 8001] }], [], false],
    ['by a write that was not shown in the end may be the deployment’s', [], [finding('lostChanges')], false],
    ['by a change that was never accepted may be the deployment’s', [], [finding('convergence')], false],
    [
      'by a write that was not shown in the end may be the deployment’s also where a machine stood still',
      [machine],
      [finding('lostChanges')],
      false,
    ],
  ])('%s', (_, assumptions, findings, expected) => {
    expect(
      isSensorsDoubt([...assumptions, { ...script, holds: true }], [...findings, finding('p99', 'pass')], 8000),
    ).toBe(expected)
  })
})
