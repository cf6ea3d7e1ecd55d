// A zone loses its power: what is elsewhere serves, takes changes, and takes the zone back.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone without power costs callers no full outage, and changes reach the survivors',
  { tag: '@zone', annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }) },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const { zone } = gateway.dataPlane.pick()
    const lost = gateway.dataPlane.zone(zone)
    const survivors = gateway.dataPlane.outside(lost)

    const outage = await faults.outage(gateway.zone(zone), { claimsSurvival: true })
    await rotation.drops(lost)
    await callers.carryOn('10s')
    const header = { name: 'X-Config', value: 'without-the-zone' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '60s' }) // it may have had the primary
    await change.reaches(survivors)

    await outage.heal()
    await rotation.admits(lost)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      convergence: '30s',
      recovery: '60s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: survivors.nodes.length,
      imbalance: 1.5,
    })
  },
)
