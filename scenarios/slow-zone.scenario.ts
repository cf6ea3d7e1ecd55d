// A zone behind a link that has become slow: its nodes still answer, so nobody should throw them out.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone that answers 100 ms later stays in service, and callers wait for no more than a few of its round trips',
  { tag: '@zone', annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }) },
  async ({ gateway, callers, faults, history }) => {
    await callers.reachSteadyState()

    const { zone } = gateway.dataPlane.pick()
    const delay = await faults.slow(gateway.zone(zone), { by: '100ms' })
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
    })
  },
)
