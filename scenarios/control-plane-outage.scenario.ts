// Gateways serve on from the configuration they hold, and catch up when the control plane returns.
import { expect, runbook, scenario } from '#harness'

scenario(
  'callers lose nothing while every control-plane node is down; on its return the session lives, and a change reaches every gateway',
  {
    tag: ['@control-plane', '@quick'],
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    await rotation.drops(gateway.controlPlane)
    await callers.carryOn('2s')

    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    await dashboard.refresh()
    const change = await operator.changeRoute('orders', {
      answerHeader: { name: 'X-Config', value: 'after the outage' },
    })
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length, // nobody's check asks for the control plane
      readmission: '60s',
      signOuts: 0,
      p99: '250ms',
      p99VsSteady: '20x',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      convergence: '60s',
      lostChanges: 0,
    })
  },
)
