// Gateways share no state: one fewer and one more again is nothing that callers notice.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway that is taken away, and brought back, costs callers nothing',
  {
    tag: ['@data-plane', '@maintenance'],
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Multi-Node DP Deployment' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const drained = await rotation.drain(node)
    const scaledIn = await faults.stop(node)
    await callers.carryOn('5s')
    await scaledIn.heal()
    await drained.heal()
    await rotation.admits(node)
    await callers.carryOn('3s')

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      p99VsSteady: '20x',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      readmission: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
