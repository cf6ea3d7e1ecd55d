// The control plane stands on its database; when the primary dies a standby takes over, with all that was acknowledged.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a killed database primary costs callers nothing and no acknowledged change, and changes are taken again',
  {
    tag: '@database',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Deployment Checklist' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const before = await operator.changeRoute('orders', { description: 'acknowledged by the first primary' })
    await before.reaches(gateway.dataPlane)
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')

    const outage = await faults.kill(await gateway.primary())
    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'failed-over' } },
      { within: '60s' },
    )
    await after.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)

    await outage.heal()
    await gateway.resynced() // the former primary, which streams from the new one
    await callers.carryOn('2s')
    await changes.stop()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      writeOutage: gateway.failoverLimit,
      convergence: '30s',
      lostChanges: 0,
      signOuts: 0,
      uiStall: '30s',
    })
  },
)
