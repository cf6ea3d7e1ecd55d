// A control plane in a single primary zone goes with that zone: the others serve on, and changes wait for its return.
import { expect, runbook, scenario } from '#harness'

scenario(
  'the zone that has the whole control plane loses its power: the others serve, and changes are taken again on its return',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Multi-AZ Architecture' }),
    needs: ['stack=multi-zone', 'CONTROL_PLANE_ZONES=a'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const before = await operator.createRoute('acknowledged', '/acknowledged')
    await before.reaches(gateway.dataPlane)
    const lost = gateway.dataPlane.zone('a')
    const survivors = gateway.dataPlane.outside(lost)

    // Planned for the control plane, which is not to survive; what callers lose is demanded below all the same.
    const outage = await faults.outage(gateway.zone('a'), { plannedDowntime: true })
    await rotation.drops(lost.and(gateway.controlPlane))
    await operator.changeRoute('orders', { description: 'asked for while nobody could take it' })
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(lost.and(gateway.controlPlane))
    const header = { name: 'X-Config', value: 'after the outage' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '30s' })
    await change.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      writeOutage: '60s',
      convergence: '60s',
      lostChanges: 0,
      signOuts: 0,
      recovery: '60s',
      survivors: survivors.nodes.length,
    })
  },
)
