// Of three listed DP Managers one may be down when a gateway starts; with two on its list it would refuse to.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway that lists three DP Managers starts while any one but the first is down, and costs callers nothing',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Data Plane Nodes' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    // Not the first of the list, which takes every gateway's heartbeats: without that one none starts, however many it lists.
    const [, ...others] = gateway.controlPlane
    for (const other of others) {
      const outage = await faults.kill(other)
      const drained = await rotation.drain(node)
      await faults.restart(node)
      await drained.heal()
      const isBack = await rotation.admits(node)
      await callers.carryOn('2s')
      await outage.heal()
      await rotation.admits(gateway.controlPlane)
      if (!isBack) break // it does not run, and there is nothing to be drained or started
    }

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      readmission: '30s',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      signOuts: 0,
      uiStall: '5s',
    })
  },
)
