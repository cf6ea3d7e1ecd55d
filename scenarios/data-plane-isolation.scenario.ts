// A node that nobody reaches any more, as behind a broken link: no refusal, no reset, calls on it simply hang.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a data-plane node cut off from the network is taken out by its health check, and callers reach the others',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Health Checks and Probes' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.isolate(node)
    await rotation.drops(node)
    await callers.carryOn('2s')

    await outage.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      ejection: '30s',
      readmission: '30s',
      recovery: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
