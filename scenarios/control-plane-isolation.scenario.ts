// Isolated instead of stopped: nothing refuses and nothing closes, calls on the lost node simply hang.
import { expect, runbook, scenario } from '#harness'

scenario(
  'an isolated control-plane node costs callers nothing and the operator no session',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Control Plane Failover Test' }),
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = dashboard.servedBy() // the node that made the session, or the claim is half empty

    const isolation = await faults.isolate(node)
    await rotation.drops(node)
    await dashboard.refresh()
    const edit = await dashboard.editRoute('orders', { description: 'changed during isolation' })
    await edit.reaches(gateway.dataPlane)
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'isolated' } })
    await change.reaches(gateway.dataPlane)

    await isolation.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      p99: '250ms',
      dashboardOutage: '5s',
      uiStall: '10s',
      signOuts: 0,
      ejection: '30s',
      readmission: '30s',
      convergence: '30s',
      lostChanges: 0,
    })
  },
)
