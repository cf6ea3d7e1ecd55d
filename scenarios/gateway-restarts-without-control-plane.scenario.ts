// What a gateway holds, it holds in memory: one that starts while nobody can give it a configuration must not serve.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway that restarts while every control-plane node is down is kept out, and returns when one is back',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
    needs: ['database'], // without one gateways read their configuration from etcd, and need nobody else
  },
  async ({ gateway, callers, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    await rotation.drops(gateway.controlPlane)
    const restarts = await faults.flap(node, { down: '1s', up: '4s' })
    await rotation.drops(node)
    await callers.carryOn('10s')

    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    await restarts.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '1s',
      ejection: '30s',
      admittedUnconfigured: 0,
      readmission: '30s',
      recovery: '30s',
      signOuts: 0,
      survivors: gateway.dataPlane.outside(node).nodes.length,
    })
  },
)
