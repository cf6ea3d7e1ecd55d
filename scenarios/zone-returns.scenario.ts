// A zone that comes back is taken in without anybody noticing: losing it may cost something, having it back may not.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone that comes back after a power failure costs callers not one call, and takes its share again',
  {
    tag: '@zone',
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const { zone } = gateway.dataPlane.pick()
    const lost = gateway.dataPlane.zone(zone)

    const outage = await faults.outage(gateway.zone(zone), { claimsSurvival: true })
    await rotation.drops(lost)
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(lost)
    await rotation.admits(gateway.controlPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostOnReturn: 0,
      readmission: '60s',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      imbalance: 1.5,
    })
  },
)
