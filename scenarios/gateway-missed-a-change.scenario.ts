// A gateway that was down has missed a change: it comes back with it, and not with what it knew.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a change made while a gateway is down is there when it serves again',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
  },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()
    const before = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'before' } })
    await before.reaches(gateway.dataPlane)

    const outage = await faults.stop(node)
    await rotation.drops(node)
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'missed' } })
    await change.reaches(gateway.dataPlane.outside(node))

    await outage.heal()
    await rotation.admits(node)
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({ fullOutage: '0ms', readmission: '30s', convergence: '40s', lostChanges: 0 })
  },
)
