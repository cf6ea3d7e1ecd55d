// Every gateway restarts once, undrained, and callers are sent to it when it has its configuration, and not before.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway that restarts is given no call before it is ready',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Failover Test' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()

    for (const node of gateway.dataPlane) {
      await faults.restart(node)
      if (!(await rotation.admits(node))) break // nobody goes on to the next node
    }

    // Lost calls are left to the default, and a call before a gateway is ready fails whatever is demanded.
    expect(history).toMeet({
      fullOutage: '0ms',
      readmission: '30s',
      recovery: '30s',
      survivors: gateway.dataPlane.nodes.length - 1,
    })
  },
)
