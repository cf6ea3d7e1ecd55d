// Nobody outside reaches the zone in which the database leads, though all of it runs: it must not go on leading there.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone cut off with the database’s primary costs callers no full outage, and what was acknowledged meanwhile remains',
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

    const isolation = await faults.isolate(gateway.zone(zone), { together: true, claimsSurvival: true })
    await rotation.drops(lost)
    const header = { name: 'X-Config', value: 'primary-elsewhere' }
    const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '60s' })
    await change.reaches(survivors)
    await before.remains(survivors)

    await isolation.heal()
    await rotation.admits(lost)
    await gateway.resynced() // commits wait for somebody again
    await callers.carryOn('2s')
    await changes.stop()
    await change.reaches(lost) // which heard nothing of it while it was cut off
    await change.remains(survivors) // and nothing that the old primary had took its place
    const next = await operator.changeRoute('orders', { description: 'taken after the return' })
    await next.reaches(gateway.dataPlane) // also those that came back

    // A watch on a DP Manager that falls silent is given up after 50 s, with the vendor's timings.
    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '3s',
      ejection: '30s',
      readmission: '60s',
      writeOutage: gateway.failoverLimit,
      convergence: '60s',
      lostChanges: 0,
      recovery: '60s',
      survivors: survivors.nodes.length,
    })
  },
)
