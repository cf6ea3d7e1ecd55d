// A check of /status/ready sends nobody to a gateway without DP Manager: when all of those are gone, to nobody at all.
import { expect, runbook, scenario } from '#harness'

scenario(
  'with /status/ready as health check an outage of the whole control plane empties the rotation, and its end fills it again',
  {
    tag: '@control-plane',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Health Check Configuration' }),
    needs: ['LB_CHECK=/status/ready'],
  },
  async ({ gateway, callers, dashboard, rotation, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    await rotation.drops(gateway.dataPlane)
    await callers.carryOn('2s')

    await outage.heal()
    await rotation.admits(gateway.dataPlane)

    // What this choice of a check costs while it lasts is what is shown here, and no surprise.
    expect(history).toMeet({
      emptied: '30s',
      fullOutage: '60s',
      // Demanded as time: how many calls that is depends on the rate. Without 'any', none at all is demanded by default.
      lostTime: '60s',
      lostCalls: 'any',
      signOuts: 0,
      readmission: '60s',
      imbalance: 1.5, // every gateway is back, or nothing is even
      recovery: '60s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
    })
  },
)
