// The control plane is put back to a backup, and its gateways are started anew, while callers call.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a control plane that is restored from a backup while it is down costs callers nothing, and its gateways follow it again',
  {
    tag: '@maintenance',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Deployment Checklist' }),
    needs: ['database'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn() // before the backup, which holds the session then
    await callers.reachSteadyState()
    const kept = await operator.createRoute('kept', '/kept')
    await kept.reaches(gateway.dataPlane)
    const backup = await operator.backUpDatabase()
    const undone = await operator.createRoute('undone', '/undone')
    await undone.reaches(gateway.dataPlane)

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    await rotation.drops(gateway.controlPlane)
    await backup.restore()
    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    await dashboard.refresh()

    // They know more than the control plane does: they have to be told anew.
    for (const node of gateway.dataPlane) {
      const drained = await rotation.drain(node)
      await faults.restart(node)
      await drained.heal()
      if (!(await rotation.admits(node))) break // nobody goes on to the next node
    }
    await kept.remains(gateway.dataPlane)
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'restored' } })
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      convergence: '60s',
      lostChanges: 0,
      readmission: '30s',
      signOuts: 0,
    })
  },
)
