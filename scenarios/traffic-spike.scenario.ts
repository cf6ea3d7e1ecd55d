// The remaining gateways carry what comes, also when that is three times as much as usual.
import { expect, runbook, scenario } from '#harness'

scenario(
  'three times the usual traffic while one gateway is out for maintenance costs callers nothing',
  {
    tag: ['@data-plane', '@load'],
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Multi-Node DP Deployment' }),
  },
  async ({ gateway, callers, rotation, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const drained = await rotation.drain(node)
    await callers.ramp({ to: '3x', over: '5s' })
    await callers.carryOn('10s')
    await callers.ramp({ to: '1x', over: '5s' })
    await callers.carryOn('6s')
    await drained.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      recoveredP99: '250ms',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
