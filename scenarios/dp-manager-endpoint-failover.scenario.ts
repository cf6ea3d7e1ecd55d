// Each gateway lists one DP Manager a zone, and goes on hearing of changes whichever of them dies.
import { expect, runbook, scenario } from '#harness'

scenario(
  'gateways take the next DP Manager of their list when one dies, a change made meanwhile reaches every one of them, and the operator stays signed in',
  {
    tag: ['@zone', '@control-plane'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Data Plane Nodes' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
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

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      signOuts: 0,
      uiStall: '5s',
      ejection: '30s',
      readmission: '30s',
      convergence: '10s',
      lostChanges: 0,
    })
  },
)
