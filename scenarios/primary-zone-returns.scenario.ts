// The one zone that has the control plane comes back: its gateway is taken in without anybody noticing, and so is its control plane, whose
// changes every gateway takes again.
import { expect, runbook, scenario } from '#harness'

scenario(
  'the zone that has the whole control plane comes back after a power failure, costs callers not one call, takes its share again, and changes reach every gateway',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Multi-AZ Architecture' }),
    needs: ['stack=multi-zone', 'CONTROL_PLANE_ZONES=a'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const lost = gateway.dataPlane.zone('a')

    const outage = await faults.outage(gateway.zone('a'), { plannedDowntime: true })
    await rotation.drops(lost.and(gateway.controlPlane))
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(lost.and(gateway.controlPlane))
    await dashboard.refresh()
    const header = { name: 'X-Config', value: 'after the return' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '30s' })
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostOnReturn: 0,
      readmission: '60s',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      imbalance: 1.5,
      convergence: '60s',
      lostChanges: 0,
      signOuts: 0,
    })
  },
)
