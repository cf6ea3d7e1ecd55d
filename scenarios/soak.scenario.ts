// Seed 002: no single failure is an outage, in whatever order they come: faults drawn by the run's seed, one turn after another.
import { expect, runbook, scenario } from '#harness'

scenario(
  'whatever fails in turn, callers have no full outage, everything comes back, and changes reach every gateway in between',
  { tag: '@soak', annotation: runbook('002', 'Disaster Recovery and Fault Tolerance') },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()

    for (const turn of await faults.soak()) {
      const held = await turn.begin()
      await callers.carryOn(turn.holds)
      await held.heal()
      await callers.reachSteadyState()
      const change = await operator.changeRoute('orders', { description: `after a turn of ${turn.holds}` })
      await change.reaches(gateway.dataPlane)
    }

    expect(history).toMeet({ fullOutage: '0ms', convergence: '60s', recovery: '60s', lostChanges: 0, imbalance: 1.5 })
  },
)
