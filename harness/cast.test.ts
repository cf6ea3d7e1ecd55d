import { expect, test } from 'vitest'
import { castOn } from './cast.ts'
import type { Event } from './history/event.ts'
import { optionsFrom } from './options.ts'
import type { Stage } from './stage/stage.ts'

const intent = (id: string, fault: 'kill' | 'slow', target: string): Event => ({
  kind: 'fault',
  at: 1,
  id,
  fault,
  targets: [target],
  stage: 'intent',
})

/** What a script hears on a stage that never becomes steady, after these events. */
const saidUnsteady = async (...events: readonly Event[]): Promise<unknown> => {
  const stage = {
    recorder: { record: () => {}, events: () => events },
    clock: { now: () => 1 },
    topology: { stack: 's', project: 'p', network: 'n', subnet: '10.0.0', nodes: [] },
    settings: {},
    callers: {},
    operator: { routeId: async () => 'orders' },
    signedInApi: async () => {},
    openLanes: async () => {},
    reachSteadyState: async () => false,
  } as unknown as Stage
  const { callers } = castOn(stage, optionsFrom({}), (_, act) => act())
  return callers.reachSteadyState().catch((error: unknown) => error)
}

test('no steady state before the first fault says that nothing was broken', async () => {
  expect(await saidUnsteady()).toMatchObject({
    code: 'ERR_NO_STEADY_STATE',
    message: expect.stringMatching(
      /^No steady state within 30 s: nothing was broken, and nothing can be concluded\. \[/,
    ),
  })
})

test('no steady state after faults says what was broken last', async () => {
  const faults = [intent('kill-1', 'kill', 'control-plane-1'), intent('slow-2', 'slow', 'data-plane-2')]
  expect(await saidUnsteady(...faults)).toMatchObject({
    code: 'ERR_NO_STEADY_STATE',
    message: expect.stringMatching(
      /^No steady state within 30 s after 2 faults, the last of them slow of data-plane-2\. \[/,
    ),
  })
  expect(await saidUnsteady(...faults.slice(0, 1))).toMatchObject({
    message: expect.stringMatching(/^No steady state within 30 s after kill of control-plane-1\. \[/),
  })
})

test('no steady state says which checks did not hold, and what they saw', async () => {
  const checks = [
    { name: 'every container runs', ok: true, because: '14 containers run' },
    { name: 'every balancer trusts every node', ok: false, because: 'gateways/data-plane-2 is out (L4CON)' },
  ]
  const earlier: Event = { kind: 'steady', at: 1, ok: false, checks: [{ name: 'earlier', ok: false, because: 'x' }] }
  expect(await saidUnsteady(earlier, { kind: 'steady', at: 2, ok: false, checks })).toMatchObject({
    message:
      'No steady state within 30 s: nothing was broken, and nothing can be concluded. It did not hold that every balancer trusts every node (gateways/data-plane-2 is out (L4CON)). [ERR_NO_STEADY_STATE]',
  })
  expect(await saidUnsteady({ kind: 'steady', at: 2, ok: false, checks: checks.slice(0, 1) })).toMatchObject({
    message: expect.stringMatching(/concluded\. Each check held in the end, and not all of them for 5 s\. \[/),
  })
  const lastAmiss = { at: 1500, checks: [{ name: 'every gateway is ready', because: 'data-plane-1: status 503' }] }
  expect(
    await saidUnsteady({ kind: 'steady', at: 3000, ok: false, checks: checks.slice(0, 1), lastAmiss }),
  ).toMatchObject({
    message: expect.stringMatching(
      /not all of them for 5 s: 1\.5 s before, it did not hold that every gateway is ready \(data-plane-1: status 503\)\. \[/,
    ),
  })
})

/** The history of a scenario to make a claim in, and what is recorded of that. */
const claiming = (scenario: string, environment: NodeJS.ProcessEnv = {}) => {
  const recorded: Event[] = []
  const stage = {
    scenario,
    recorder: { record: (event: Event) => recorded.push(event), events: () => recorded },
    clock: { now: () => 7 },
    topology: { stack: 's', project: 'p', network: 'n', subnet: '10.0.0', nodes: [] },
    settings: {},
    callers: {},
  } as unknown as Stage
  const { history } = castOn(stage, optionsFrom(environment), (_, act) => act())
  return { history, recorded }
}

test('a claim has the team’s own limits in it, and what the script itself demanded of those', () => {
  const limits = { 'control-plane-failover': { p99: '60s', survivors: 0 }, soak: { signOuts: 9 } }
  const { history, recorded } = claiming('control-plane-failover', { FIREDRILL_OBJECTIVES: JSON.stringify(limits) })
  history.claim({ p99: '250ms', signOuts: 0 })
  expect(recorded).toEqual([
    {
      kind: 'claim',
      at: 7,
      demand: { p99: '60s', signOuts: 0, survivors: 0 },
      script: { p99: '250ms', survivors: null },
    },
  ])
})

test('a second claim that leaves out or changes what the first demanded is refused; the same again, or more, is not', () => {
  const { history, recorded } = claiming('soak')
  history.claim({ lostCalls: 0, signOuts: 0 })
  expect(() => history.claim({ p99: '250ms', signOuts: 1 })).toThrow(
    /does not demand lostCalls, signOuts as it did before.*\[ERR_TWO_CLAIMS\]/,
  )
  history.claim({ lostCalls: 0, signOuts: 0 })
  history.claim({ lostCalls: 0, signOuts: 0, p99: '250ms' })
  expect(recorded).toHaveLength(3)
})

test('a limit that could not be meant is refused, and nothing is claimed by it', () => {
  const { history, recorded } = claiming('soak')
  expect(() => history.claim({ availability: 99.9 })).toThrow(
    /^The script has soak demand availability 99\.9: expected a share from 0 to 1\. \[ERR_OBJECTIVES\]/,
  )
  expect(() => history.claim({ ejection: '-5s' })).toThrow(/expected a duration as '250ms'/)
  expect(recorded).toEqual([])
})
