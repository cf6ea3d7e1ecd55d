// Two instances that stand there are not yet two that serve: the answers say which node gave them.
import { expect, runbook, scenario } from '#harness'

scenario(
  'every control-plane node answers the operator, beside the others and without one of them',
  { tag: '@control-plane', annotation: runbook({ page: 'Deploy for High Availability', section: 'Verification' }) },
  async ({ gateway, callers, dashboard, rotation, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    for (const node of gateway.controlPlane) {
      const drained = await rotation.drain(node)
      await dashboard.refresh()
      await drained.heal()
      await rotation.admits(node)
    }

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      dashboards: gateway.controlPlane.nodes.length,
      dashboardOutage: '1s',
      uiStall: '3s',
      signOuts: 0,
    })
  },
)
