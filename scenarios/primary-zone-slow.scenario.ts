// With the whole control plane behind a slow link its changes still come, to the gateways of every zone.
import { expect, runbook, scenario } from '#harness'

scenario(
  'the zone that has the whole control plane answers 100 ms later: callers lose nothing, and changes reach every gateway',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Multi-AZ Architecture' }),
    needs: ['stack=multi-zone', 'CONTROL_PLANE_ZONES=a'],
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    const delay = await faults.slow(gateway.zone('a'), { by: '100ms', claimsSurvival: true })
    await dashboard.refresh()
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'slowly' } })
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('6s')
    await delay.heal()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      // A new connection takes three of them: its handshake, the call, and the balancer's own to the gateway.
      p99: '600ms',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: gateway.dataPlane.nodes.length,
      imbalance: 1.5,
      signOuts: 0,
      uiStall: '5s',
      convergence: '10s',
      lostChanges: 0,
    })
  },
)
