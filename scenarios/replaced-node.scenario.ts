// A gateway comes back as an orchestrator brings it back: under its name, and at another address.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a data-plane node replaced by one at another address is taken into rotation without anybody’s help',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Health Checks and Probes' }),
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const replacement = await faults.replace(node)
    await rotation.admits(node)
    await callers.carryOn('10s')

    await replacement.heal()
    await rotation.admits(node)

    expect(history).toMeet({
      fullOutage: '0ms',
      readmission: '15s',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: gateway.dataPlane.outside(node).nodes.length,
      imbalance: 1.5,
    })
  },
)
