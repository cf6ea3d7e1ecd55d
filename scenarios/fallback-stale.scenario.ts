// Where nobody writes the fallback any more, a gateway that starts from it serves the past: it serves, and it is said how old.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway started from a fallback that nobody writes any more serves what was written last, and its age is told',
  {
    tag: ['@fallback', '@control-plane'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Resilience (Fallback CP)' }),
    needs: ['COMPOSE_PROFILES=s3|azure', 'FALLBACK_CP_INTERVAL=5'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const header = { name: 'X-Config', value: 'written last' }
    const change = await operator.changeRoute('orders', { answerHeader: header })
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('12s') // two intervals of the backup: the first may have begun before

    const silence = await faults.stop(gateway.backups)
    await callers.carryOn('10s')
    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    const drained = await rotation.drain(node)
    const booted = await faults.bootFromStore(node)
    await drained.heal()
    const isServing = await rotation.admits(node)
    await change.remains(node)
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    const drainedAgain = isServing ? await rotation.drain(node) : drained // who is not in rotation need not be taken out
    await booted.heal()
    await drainedAgain.heal()
    await rotation.admits(node)
    await silence.heal()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      readmission: '20s',
      lostChanges: 0,
      storeAge: '60s',
      signOuts: 0,
    })
  },
)
