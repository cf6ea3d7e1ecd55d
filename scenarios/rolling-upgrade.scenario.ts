// Node after node is drained, upgraded and trusted again, the control plane first; each step is verified before the next.
import { expect, runbook, scenario } from '#harness'

scenario(
  'upgrading the control plane and then gateways one by one, and going back, costs callers nothing while versions are mixed',
  {
    tag: '@maintenance',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Rolling Restart Procedure' }),
    needs: ['FIREDRILL_UPGRADE_TO=*'],
  },
  async ({ gateway, callers, operator, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    const upgraded = []
    for (const node of faults.toUpgrade(gateway.controlPlane.and(gateway.dataPlane))) {
      const drained = await rotation.drain(node)
      const version = await faults.upgrade(node)
      await drained.heal()
      const isTrusted = await rotation.admits(node)
      upgraded.push({ node, version, isTrusted })
      if (!isTrusted) break // nobody goes on to the next node
      const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: node.name } })
      await change.reaches(gateway.dataPlane)
      await dashboard.refresh()
    }
    for (const { node, version, isTrusted } of upgraded.toReversed()) {
      const drained = isTrusted ? await rotation.drain(node) : null
      await version.heal()
      await drained?.heal()
      if (!(await rotation.admits(node))) break // nor back to the one before
      await dashboard.refresh()
    }
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'rolled back' } })
    await change.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      p99VsSteady: '20x',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      readmission: '30s',
      convergence: '60s',
      lostChanges: 0,
      signOuts: 0,
      uiStall: '3s',
      survivors: gateway.dataPlane.nodes.length - 1,
    })
  },
)
