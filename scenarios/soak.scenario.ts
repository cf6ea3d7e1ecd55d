// No single failure is an outage, in whatever order they come: faults drawn by the run's seed, one turn after another.
import { expect, type Objectives, runbook, scenario } from '#harness'

scenario(
  'whatever fails in turn, callers have no full outage, everything comes back, and changes reach every gateway in between',
  {
    tag: '@soak',
    annotation: runbook({ page: 'High Availability', section: 'Disaster Recovery and Fault Tolerance' }),
  },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    const objectives: Objectives = {
      fullOutage: '0ms',
      readmission: '30s',
      convergence: '60s',
      recovery: '60s',
      lostChanges: 0,
      imbalance: 1.5,
    }
    await callers.reachSteadyState()

    for (const turn of await faults.soak()) {
      const held = await turn.begin()
      await callers.carryOn(turn.holds)
      await held.heal()
      // While one is out nothing is steady, and the script ends there: what was demanded is judged all the same.
      if (!(await rotation.admits(turn.nodes))) expect(history).toMeet(objectives)
      await callers.reachSteadyState()
      const change = await operator.changeRoute('orders', { description: `after a turn of ${turn.holds}` })
      await change.reaches(gateway.dataPlane)
    }

    expect(history).toMeet(objectives)
  },
)
