// The balancers are reloaded, then every node in turn is drained, restarted and trusted again before the next one; nobody loses a call.
import { expect, runbook, scenario } from '#harness'

scenario(
  'reloading the balancers, and restarting every node in turn, drained first, costs callers nothing',
  {
    tag: ['@maintenance', '@quick'],
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Rolling Restart Procedure' }),
  },
  async ({ gateway, callers, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    // First, so that what is left of their former workers is ended, 30 s later by default, while somebody looks.
    await faults.reload(gateway.balancers)
    await dashboard.refresh()
    for (const node of gateway.controlPlane.and(gateway.dataPlane)) {
      const drained = await rotation.drain(node)
      await faults.restart(node)
      await drained.heal()
      if (!(await rotation.admits(node))) break // nobody goes on to the next node
      await dashboard.refresh()
    }

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      p99VsSteady: '20x',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      readmission: '30s',
      signOuts: 0,
      uiStall: '3s',
      survivors: gateway.dataPlane.nodes.length - 1,
    })
  },
)
