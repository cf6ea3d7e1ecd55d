// Planted defects: each makes the right scenario fail, and the verdict names what is to blame.
import { afterEach, expect, test } from 'vitest'
import { drilled, leftBehind, verdictOf } from './run-drill.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

interface Planted {
  readonly defect: string
  readonly what: string
  readonly scenario: string
  readonly objective: string
  readonly culprit: RegExp
}

const PLANTED: readonly Planted[] = [
  {
    defect: 'M10',
    what: 'a balancer that checks connections and not answers',
    scenario: 'frozen-node',
    objective: 'lostCalls',
    culprit: /callers-balancer/,
  },
  {
    defect: 'M11',
    what: 'a balancer without health checks or redispatch',
    scenario: 'data-plane-failover',
    objective: 'ejection',
    culprit: /callers-balancer/,
  },
  {
    defect: 'M13',
    what: 'a node admitted before it is ready',
    scenario: 'data-plane-failover',
    objective: 'readmission',
    culprit: /data-plane-\d/,
  },
  {
    defect: 'M30',
    what: 'a balancer whose few slots are taken by calls to a node that nobody reaches',
    scenario: 'data-plane-isolation',
    objective: 'fullOutage',
    culprit: /callers-balancer/,
  },
  {
    defect: 'M37',
    what: 'a balancer that cuts calls it would have given to another node',
    scenario: 'data-plane-failover',
    objective: 'lostCalls',
    culprit: /callers-balancer/,
  },
  {
    defect: 'M01',
    what: "sessions kept in one node's memory",
    scenario: 'control-plane-failover',
    objective: 'signOuts',
    culprit: /control-plane-\d/,
  },
  {
    defect: 'M36',
    what: 'a gateway that drops its configuration when DP Manager is gone',
    scenario: 'control-plane-outage',
    objective: 'fullOutage',
    culprit: /data-plane-\d/,
  },
]

test.each(PLANTED)(
  '$what fails $scenario by $objective and is named',
  async ({ defect, scenario, objective, culprit }) => {
    const run = await drilled([scenario, '--defect', defect])
    const verdict = await verdictOf(run, scenario)
    const finding = verdict.findings.find((each) => each.objective === objective)
    expect({
      exitCode: run.exitCode,
      outcome: verdict.outcome,
      finding: finding?.outcome,
      culprit: finding?.culprit,
    }).toEqual({
      exitCode: 1,
      outcome: 'fail',
      finding: 'fail',
      culprit: expect.stringMatching(culprit),
    })
  },
)
