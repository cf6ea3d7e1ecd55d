// A node that is taken out of the pool by hand, as before maintenance, is nobody's loss.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a drained data-plane node costs callers nothing, and returns when it is trusted again',
  {
    tag: ['@data-plane', '@maintenance'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Failover Test' }),
  },
  async ({ gateway, callers, rotation, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const drained = await rotation.drain(node)
    await rotation.drops(node)
    await callers.carryOn('3s')
    await drained.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      p99VsSteady: '20x',
      ejection: '5s',
      readmission: '10s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
