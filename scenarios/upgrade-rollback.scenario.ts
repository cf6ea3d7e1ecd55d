// An upgrade is given up at its first gateway, whether the new version came up or never does: callers notice nothing.
import { expect, runbook, scenario } from '#harness'

scenario(
  'an upgrade that is rolled back at its first gateway costs callers nothing, however the new version fared',
  {
    tag: '@maintenance',
    annotation: runbook({ page: 'Deploy for High Availability', section: 'Rolling Restart Procedure' }),
    needs: ['FIREDRILL_UPGRADE_TO=data-plane=*'],
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const drained = await rotation.drain(node)
    const upgraded = await faults.upgrade(node)
    await drained.heal()
    const isTrusted = await rotation.admits(node)
    await callers.carryOn('5s')

    const drainedAgain = isTrusted ? await rotation.drain(node) : drained // who is not in rotation need not be taken out
    await upgraded.heal()
    await drainedAgain.heal()
    await rotation.admits(node)

    const survivors = gateway.dataPlane.outside(node).nodes.length
    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      recovery: '30s',
      survivors,
      // Not readmission: a version that never comes up misses that, and is what is rolled back here. Nothing is even without the node itself.
      imbalance: 1.5,
    })
  },
)
