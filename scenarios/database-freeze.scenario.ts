// A primary that hangs wakes up and believes that it leads; whoever took over meanwhile must not be told otherwise.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a database primary that hangs costs callers nothing and no acknowledged change, and changes are taken again',
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

    const hang = await faults.pause(await gateway.primary())
    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'without-the-first' } },
      { within: '60s' },
    )
    await after.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)

    await hang.heal()
    await gateway.resynced() // the former primary, which woke up, and follows the new one
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
