// Whoever is left takes over the load; whether it can is a matter of capacity, and no health check knows.
import { expect, runbook, scenario } from '#harness'

scenario(
  'with one gateway gone, and with one zone gone, the rest carry what callers ask for, and have room',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Multi-Node DP Deployment' }),
    needs: ['GATEWAY_CPUS=0.15'],
  },
  async ({ gateway, callers, rotation, history }) => {
    const node = gateway.dataPlane.pick()
    const zone = gateway.dataPlane.zone('b')
    await callers.measureCapacity(gateway.dataPlane, gateway.dataPlane.outside(node), gateway.dataPlane.outside(zone))
    // Demanded before anybody calls: a fleet that is too small may never be steady, and how small it is has been measured.
    expect(history).toMeet({
      // A quota holds a lone gateway for several of the kernel's periods of 100 ms in a row while it takes over; capacity is what is claimed.
      fullOutage: '1s',
      lostCalls: 0,
      p99: '1s',
      recoveredP99: '1s',
      survivors: gateway.dataPlane.outside(zone).nodes.length,
      headroom: 2,
    })
    await callers.reachSteadyState()

    for (const lost of [node, zone]) {
      const drained = await rotation.drain(lost)
      await callers.carryOn('5s')
      await drained.heal()
      await rotation.admits(lost)
    }
  },
)
