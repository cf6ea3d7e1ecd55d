// A node that hangs still has its connections accepted by the kernel; only a check that wants an answer notices.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a frozen data-plane node is taken out by its health check, and costs callers no more than their share until then',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Health Checks and Probes' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.pause(node)
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
