// Seed 001: whoever is left takes over the load; whether it can is a matter of capacity, and no health check knows.
import { expect, runbook, scenario } from '#harness'

scenario(
  'with one gateway gone, and with one zone gone, the rest carry what callers ask for, and have room',
  { tag: '@data-plane', annotation: runbook('001', 'Multi-Node DP Deployment'), needs: ['GATEWAY_CPUS=0.15'] },
  async ({ gateway, callers, rotation, history }) => {
    const node = gateway.dataPlane.pick()
    const zone = gateway.dataPlane.zone('b')
    await callers.measureCapacity(gateway.dataPlane, gateway.dataPlane.outside(node), gateway.dataPlane.outside(zone))
    await callers.reachSteadyState()

    for (const lost of [[node], zone]) {
      const drains = []
      for (const each of lost) drains.push(await rotation.drain(each))
      await callers.carryOn('5s')
      for (const drained of drains) await drained.heal()
      await rotation.admits(lost)
    }

    expect(history).toMeet({
      // Alone, a gateway that has used up its quota answers nobody until the kernel's next period of 100 ms.
      fullOutage: '100ms',
      lostCalls: 0,
      p99: '250ms',
      recoveredP99: '250ms',
      survivors: gateway.dataPlane.outside(zone).nodes.length,
      headroom: 2,
    })
  },
)
