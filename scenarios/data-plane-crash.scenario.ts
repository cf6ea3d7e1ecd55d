// A gateway dies of itself: nobody told its balancer, and nobody told the engine.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a crashed data-plane node causes no full outage and returns only once it is healthy',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Failover Test' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const crash = await faults.crash(node)
    await rotation.drops(node)
    await callers.carryOn('1s')

    await crash.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '1s',
      ejection: '30s',
      readmission: '30s',
      recovery: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
