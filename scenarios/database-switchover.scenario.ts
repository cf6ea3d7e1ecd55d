// The database's own maintenance: the primary hands over to its standby, and the control plane has to follow.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a switchover of the database costs callers nothing and no acknowledged change, and changes go on',
  {
    tag: ['@database', '@maintenance'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Deployment Checklist' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const before = await operator.changeRoute('orders', { description: 'acknowledged by the first primary' })
    await before.reaches(gateway.dataPlane)
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')

    const handover = await faults.switchover(await gateway.primary())
    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'handed-over' } },
      { within: '30s' },
    )
    await after.reaches(gateway.dataPlane)
    await before.remains(gateway.dataPlane)
    await callers.carryOn('2s')
    await changes.stop()
    await handover.heal()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      writeOutage: '10s',
      convergence: '30s',
      lostChanges: 0,
    })
  },
)
