// Seed 003: each gateway lists one DP Manager a zone, and goes on hearing of changes whichever of them dies.
import { expect, runbook, scenario } from '#harness'

scenario(
  'gateways take the next DP Manager of their list when one dies, and a change made meanwhile reaches every one of them',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook('003', 'Data Plane Nodes'),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, rotation, faults, history }) => {
    await callers.reachSteadyState()

    // Each in turn: which of them a gateway hears of changes from is its own affair.
    for (const node of gateway.controlPlane) {
      const outage = await faults.kill(node)
      await rotation.drops(node)
      const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: node.name } })
      await change.reaches(gateway.dataPlane)
      await outage.heal()
      await rotation.admits(node)
    }

    expect(history).toMeet({ fullOutage: '0ms', lostCalls: 0, ejection: '30s', convergence: '10s', lostChanges: 0 })
  },
)
