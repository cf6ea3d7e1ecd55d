// The control plane stands on its database; without any of it gateways serve on, and the operator is told.
import { expect, runbook, scenario } from '#harness'

scenario(
  'without a database callers lose nothing, whoever asks for a change is told, and changes are taken again when it is back',
  {
    tag: '@database',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Deployment Checklist' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const before = await operator.changeRoute('orders', { description: 'acknowledged before the outage' })
    await before.reaches(gateway.dataPlane)
    const form = await dashboard.openForm('orders', { description: 'typed before the outage' })
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')

    const outage = await faults.outage(gateway.database, { plannedDowntime: true })
    await operator.changeRoute('orders', { description: 'asked for without a database' })
    await form.tryToSave()
    await callers.carryOn('5s')
    await outage.heal()

    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'database-is-back' } },
      { within: '60s' },
    )
    await after.reaches(gateway.dataPlane)
    const saved = await form.save() // in the same session, with what was typed
    await saved.reaches(gateway.dataPlane)
    await callers.carryOn('2s')
    await changes.stop()
    await gateway.resynced()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      p99: '250ms',
      writeOutage: '60s',
      unansweredChanges: 0, // nor one that the page keeps to itself
      signOuts: 0,
      uiStall: '60s',
      convergence: '60s',
      lostChanges: 0,
    })
  },
)
