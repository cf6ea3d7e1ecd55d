// A primary that nobody reaches still believes that it leads; whoever takes over must not be told otherwise.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a database primary that is cut off costs callers nothing and no acknowledged change, and changes are taken again',
  {
    tag: '@database',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Deployment Checklist' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const before = await operator.changeRoute('orders', { description: 'acknowledged by the first primary' })
    await before.reaches(gateway.dataPlane)
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')

    const isolation = await faults.isolate(await gateway.primary())
    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'without-the-first' } },
      { within: '60s' },
    )
    await after.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)

    await isolation.heal()
    await gateway.resynced() // the former primary, which follows the new one
    await callers.carryOn('2s')
    await changes.stop()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      writeOutage: gateway.failoverLimit,
      convergence: '30s',
      lostChanges: 0,
    })
  },
)
