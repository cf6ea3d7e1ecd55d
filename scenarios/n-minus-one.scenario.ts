// Whoever is left takes over the load; whether it can is a matter of capacity, and no health check knows.
import { expect, runbook, scenario } from '#harness'

scenario(
  'with one gateway gone, and with any zone gone, the rest carry what callers ask for, and have room',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'Data Plane High Availability', section: 'Multi-Node DP Deployment' }),
    needs: ['GATEWAY_CPUS=0.15'],
  },
  async ({ gateway, callers, rotation, history }) => {
    const node = gateway.dataPlane.pick()
    const zones = gateway.dataPlane.zones.map((zone) => gateway.dataPlane.zone(zone))
    const left = [node, ...zones].map((lost) => gateway.dataPlane.outside(lost))
    await callers.measureCapacity(gateway.dataPlane, ...left)
    // Demanded before anybody calls: a fleet that is too small may never be steady, and how small it is has been measured.
    expect(history).toMeet({
      // A quota holds a lone gateway for several of the kernel's periods of 100 ms in a row while it takes over; capacity is what is claimed.
      fullOutage: '1s',
      lostCalls: 0,
      p99: '1s',
      recoveredP99: '1s',
      survivors: Math.min(...left.map(({ nodes }) => nodes.length)),
      headroom: 2,
    })
    await callers.reachSteadyState()

    for (const lost of [node, ...zones]) {
      const drained = await rotation.drain(lost)
      await callers.carryOn('5s')
      await drained.heal()
      await rotation.admits(lost)
    }
  },
)
