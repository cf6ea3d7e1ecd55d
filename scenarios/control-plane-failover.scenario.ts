// The operator's session survives the loss of the very node that made it, and changes go on.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a stopped control-plane node costs callers nothing and the operator no session',
  {
    tag: ['@control-plane', '@quick'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Control Plane Failover Test' }),
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = dashboard.servedBy() // the node that made the session, or the claim is half empty

    const outage = await faults.stop(node)
    await dashboard.refresh()
    const edit = await dashboard.editRoute('orders', { description: 'changed during failover' })
    await edit.reaches(gateway.dataPlane)
    await rotation.drops(node)
    await dashboard.refresh()
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'failover' } })
    await change.reaches(gateway.dataPlane)

    await outage.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      p99: '250ms',
      p99VsSteady: '20x',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      dashboardOutage: '3s',
      uiStall: '3s',
      signOuts: 0,
      // Checks of 10 s, the third of which has to fail, each from the end of the last: 33 s at most.
      ejection: '40s',
      readmission: '60s',
      convergence: '10s',
      lostChanges: 0,
    })
  },
)
