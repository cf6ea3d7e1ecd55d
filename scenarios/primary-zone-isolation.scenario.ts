// Nobody outside reaches the one zone that has the control plane: gateways elsewhere hear nothing from it, not even an end.
import { expect, runbook, scenario } from '#harness'

scenario(
  'the zone that has the whole control plane is cut off: the others serve, and changes are taken again once it is reached',
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
    const isolation = await faults.isolate(gateway.zone('a'), { together: true, plannedDowntime: true })
    await rotation.drops(lost.and(gateway.controlPlane))
    await operator.changeRoute('orders', { description: 'asked for while nobody could take it' })
    await callers.carryOn('5s')

    await isolation.heal()
    await rotation.admits(lost.and(gateway.controlPlane))
    const header = { name: 'X-Config', value: 'reached again' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '60s' })
    await change.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)

    // A gateway of the vendor's notices after 50 s that nobody speaks to it, and may be in a back-off of 32 s when it is reached again.
    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      writeOutage: '60s',
      convergence: '110s',
      lostChanges: 0,
      signOuts: 0,
      recovery: '60s',
      survivors: survivors.nodes.length,
    })
  },
)
