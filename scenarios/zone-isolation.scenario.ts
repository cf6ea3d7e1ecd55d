// A zone that nobody reaches any more, though all of it runs and its nodes see each other.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone cut off from the others is taken out as a whole, and taken back when it is reached again',
  { tag: '@zone', annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }) },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const { zone } = gateway.dataPlane.pick()
    const lost = gateway.dataPlane.zone(zone)

    const isolation = await faults.isolate(gateway.zone(zone), { together: true, claimsSurvival: true })
    await rotation.drops(lost)
    await callers.carryOn('2s')

    await isolation.heal()
    await rotation.admits(lost)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      recovery: '60s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: gateway.dataPlane.outside(lost).nodes.length,
      imbalance: 1.5,
    })
  },
)
