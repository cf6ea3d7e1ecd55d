// The zone that comes back had the database's primary: it follows now, and having it back costs nobody a call or a change.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone that led the database and comes back after a power failure costs callers not one call, and what was acknowledged meanwhile remains',
  {
    tag: ['@zone', '@database'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const { zone } = await gateway.primary()
    const lost = gateway.dataPlane.zone(zone)
    const survivors = gateway.dataPlane.outside(lost)

    const outage = await faults.outage(gateway.zone(zone), { claimsSurvival: true })
    await rotation.drops(lost)
    const header = { name: 'X-Config', value: 'primary-elsewhere' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '60s' })
    await change.reaches(survivors)

    await outage.heal()
    await rotation.admits(lost)
    await rotation.admits(gateway.controlPlane)
    await gateway.resynced() // the former primary, which follows the new one
    await change.remains(survivors)
    await change.reaches(gateway.dataPlane) // also those that came back

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
    })
  },
)
