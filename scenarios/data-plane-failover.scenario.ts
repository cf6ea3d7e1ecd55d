// Traffic goes on through the remaining gateways, and a node returns only after its health check passes.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a killed data-plane node causes no full outage and returns only once it is healthy',
  {
    tag: ['@data-plane', '@quick'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Failover Test' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.kill(node)
    await rotation.drops(node)
    await callers.carryOn('1s')

    await outage.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '1s',
      p99: '1s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      // Checks of 10 s, the third of which has to fail, each from the end of the last: 33 s at most.
      ejection: '40s',
      readmission: '30s',
      recovery: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
