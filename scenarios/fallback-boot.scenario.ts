// With Fallback CP a gateway can start while the whole control plane is away, from what was last written to the store.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway started from the fallback’s store while every control-plane node is down serves, and what it serves is fresh',
  {
    tag: ['@fallback', '@control-plane'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Data Plane Resilience (Fallback CP)' }),
    needs: ['COMPOSE_PROFILES=s3|azure', 'FALLBACK_CP_INTERVAL=5'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()
    const header = { name: 'X-Config', value: 'before the outage' }
    const change = await operator.changeRoute('orders', { answerHeader: header })
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('12s') // two intervals of the backup: the first may have begun before

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    const drained = await rotation.drain(node)
    const booted = await faults.bootFromStore(node)
    await drained.heal()
    await callers.carryOn('3s') // whoever is drained no more is trusted until a check says otherwise
    const isServing = await rotation.admits(node)
    await change.remains(node)
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    const drainedAgain = isServing ? await rotation.drain(node) : drained // who is not in rotation need not be taken out
    await booted.heal()
    await drainedAgain.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      readmission: '20s',
      lostChanges: 0,
      storeAge: '15s',
      signOuts: 0,
    })
  },
)
