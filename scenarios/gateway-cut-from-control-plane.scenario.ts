// One gateway loses the control plane, the others do not: it serves what it has, and catches up.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway cut off from the control plane serves on while the others take a change, and has it once it is reached again',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const cut = await faults.partition(node, gateway.configSource)
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'without-one' } })
    await change.reaches(gateway.dataPlane.outside(node))
    await callers.carryOn('5s')

    await cut.heal()
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      convergence: '60s',
      lostChanges: 0,
      signOuts: 0,
      uiStall: '3s',
      survivors: gateway.dataPlane.nodes.length,
    })
  },
)
