// With two of three members gone nobody confirms a write; what gateways hold in memory is not asked for.
import { expect, runbook, scenario } from '#harness'

scenario(
  'without a majority of the config store callers lose nothing, and changes are taken again when it is back',
  {
    tag: '@config-store',
    annotation: runbook({ page: 'High Availability (2.13)', section: 'Deploy etcd with high availability' }),
    needs: ['stack=etcd'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const before = await operator.createRoute('acknowledged', '/acknowledged')
    await before.reaches(gateway.dataPlane)
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')

    const lost = gateway.configStore.outside(gateway.configStore.pick())
    const outage = await faults.kill(lost, { plannedDowntime: true })
    await operator.changeRoute('orders', { description: 'asked of one of three' })
    await callers.carryOn('5s')
    await outage.heal()

    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'majority-is-back' } },
      { within: '30s' },
    )
    await after.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)
    await changes.stop()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      writeOutage: '30s',
      convergence: '60s',
      lostChanges: 0,
    })
  },
)
