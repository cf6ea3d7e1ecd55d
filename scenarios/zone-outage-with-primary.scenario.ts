// The zone that loses its power is the one in which the database leads: another zone's takes over, and changes go on.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone without power that had the database’s primary costs callers no full outage, and changes are taken again',
  {
    tag: ['@zone', '@database'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const before = await operator.changeRoute('orders', { description: 'acknowledged before the outage' })
    await before.reaches(gateway.dataPlane)
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')
    const { zone } = await gateway.primary()
    const lost = gateway.dataPlane.zone(zone)
    const survivors = gateway.dataPlane.outside(lost)

    const outage = await faults.outage(gateway.zone(zone), { claimsSurvival: true })
    await rotation.drops(lost)
    const header = { name: 'X-Config', value: 'primary-elsewhere' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '60s' })
    await change.reaches(survivors)
    await before.remains(survivors)

    await outage.heal()
    await rotation.admits(lost)
    await gateway.resynced() // commits wait for somebody again
    await callers.carryOn('2s')
    await changes.stop()
    await change.remains(survivors) // and nothing that the old primary had took its place
    const next = await operator.changeRoute('orders', { description: 'taken after the return' })
    await next.reaches(gateway.dataPlane) // also those that came back

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      writeOutage: gateway.failoverLimit,
      convergence: '60s', // as after a full outage of the control plane: without a primary no DP Manager can be read, and gateways back off
      lostChanges: 0,
      recovery: '60s',
      survivors: survivors.nodes.length,
    })
  },
)
