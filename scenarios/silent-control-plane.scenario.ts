// Packets that vanish end no connection: a gateway has to notice by itself that nobody speaks to it any more.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a control plane that falls silent costs callers nothing, and what was changed meanwhile reaches every gateway',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Resilience to Control Plane Failures' }),
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    const silence = await faults.partition(gateway.configSource, gateway.dataPlane, { plannedDowntime: true })
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'in-silence' } })
    await callers.carryOn(gateway.silenceLimit)

    await silence.heal()
    await change.reaches(gateway.dataPlane)

    // A gateway of the vendor's notices after 50 s, and may be in a back-off of 32 s when it is reached again.
    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      convergence: '110s',
      lostChanges: 0,
      signOuts: 0,
      uiStall: '3s',
    })
  },
)
