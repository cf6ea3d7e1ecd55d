// A gateway behind a bad cable is neither up nor down: its checks come back, its callers wait for what is sent again.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway that loses one packet in twenty costs callers time and not one call, and its health check empties no rotation',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Health Checks and Probes' }),
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const loss = await faults.lose(node, { share: 0.05 })
    const change = await operator.changeRoute('orders', {
      answerHeader: { name: 'X-Config', value: 'in spite of losses' },
    })
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('10s')
    await loss.heal()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      // A packet is sent again after 200 ms, then after 400, and so on; at one in ten a call in 15,000 would wait for longer than its deadline.
      p99: '1500ms',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      convergence: '10s',
      lostChanges: 0,
      imbalance: 1.5,
    })
  },
)
