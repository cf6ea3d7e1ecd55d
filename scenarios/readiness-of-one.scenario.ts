// Checked by /status/ready, "the load balancer routes traffic only to nodes that still have an available DP Manager connection".
import { expect, runbook, scenario } from '#harness'

scenario(
  'with /status/ready as health check a gateway that reaches no control plane is given no calls, and the others serve',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Health Check Configuration' }),
    needs: ['LB_CHECK=/status/ready'],
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const cut = await faults.partition(node, gateway.configSource)
    await rotation.drops(node)
    await callers.carryOn('2s')

    await cut.heal()
    await rotation.admits(node)

    // It answers callers all the while: what is asked is whether anybody goes on calling it.
    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      ejection: '30s',
      readmission: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
