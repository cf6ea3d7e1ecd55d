// Gateways that read everything again, as after a switchover of the database, have no more than what there is.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a route that was deleted stays deleted when gateways read their whole configuration again',
  {
    tag: '@database',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const created = await operator.createRoute('retired', '/retired')
    await created.reaches(gateway.dataPlane)
    const deleted = await operator.deleteRoute('retired')
    await deleted.reaches(gateway.dataPlane)

    const handover = await faults.switchover(await gateway.primary())
    const after = await operator.changeRoute(
      'orders',
      { answerHeader: { name: 'X-Config', value: 'read-again' } },
      { within: '30s' },
    )
    await after.reaches(gateway.dataPlane)
    await deleted.remains(gateway.dataPlane)
    await handover.heal()

    expect(history).toMeet({ fullOutage: '0ms', lostCalls: 0, convergence: '30s', lostChanges: 0 })
  },
)
