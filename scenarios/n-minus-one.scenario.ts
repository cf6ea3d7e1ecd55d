// Seed 001: whoever is left takes over the load; whether it can is a matter of capacity, and no health check knows.
import { expect, runbook, scenario } from '#harness'

scenario(
  'with one gateway gone, and with one zone gone, the rest carry what callers ask for, and have room',
  { tag: '@data-plane', annotation: runbook('001', 'Multi-Node DP Deployment'), needs: ['GATEWAY_CPUS=0.2'] },
  async ({ gateway, callers, rotation, faults, history }) => {
    const node = gateway.dataPlane.pick()
    const zone = gateway.dataPlane.zone('b')
    await callers.measureCapacity(gateway.dataPlane)
    await callers.measureCapacity(gateway.dataPlane.outside(node))
    await callers.measureCapacity(gateway.dataPlane.outside(zone))
    await callers.reachSteadyState()

    for (const lost of [node, zone]) {
      const outage = await faults.stop(lost)
      await rotation.drops(lost)
      await callers.carryOn('5s')
      await outage.heal()
      await rotation.admits(lost)
    }

    expect(history).toMeet({
      fullOutage: '0ms',
      lostTime: '1s',
      p99: '1s',
      recoveredP99: '250ms',
      survivors: gateway.dataPlane.outside(zone).nodes.length,
      headroom: 2,
    })
  },
)
