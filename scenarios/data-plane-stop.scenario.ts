// A node that is told to stop is gone soon, and nobody waits for it. Whether it answered the calls that it had shows only where
// the balancer sends no call again: LB_REPLAY.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a stopped data-plane node costs callers no call that may be sent again, and returns only once it is healthy',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Failover Test' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.stop(node)
    await rotation.drops(node)
    await callers.carryOn('1s')

    await outage.heal()
    await rotation.admits(node)

    // Lost calls are left to the default: none that may be made twice.
    expect(history).toMeet({
      fullOutage: '0ms',
      ejection: '30s',
      readmission: '30s',
      recovery: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
