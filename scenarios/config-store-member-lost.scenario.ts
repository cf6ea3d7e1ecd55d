// Seed 004: three members, so that one may be lost: the other two are a majority, and go on.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a killed member of the config store costs callers nothing, and a change made meanwhile reaches every gateway',
  { tag: '@config-store', annotation: runbook('004', 'Deploy etcd with high availability') },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()

    const outage = await faults.kill(gateway.configStore.pick())
    const change = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'two-of-three' } },
      { within: '30s' },
    )
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('5s')
    await outage.heal()

    expect(history).toMeet({ fullOutage: '0ms', lostCalls: 0, writeOutage: '10s', convergence: '10s', lostChanges: 0 })
  },
)
