// In standalone mode a gateway needs no control plane at all: it starts from a file, and carries its share.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway started in standalone mode while every control-plane node is down serves from its file',
  {
    tag: '@data-plane',
    annotation: runbook({ page: 'High Availability', section: 'Elastic Scalability for Growing Traffic Demands' }),
    needs: ['database'], // without one gateways read their configuration from etcd, which nobody here takes away
  },
  async ({ gateway, callers, rotation, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const outage = await faults.stop(gateway.controlPlane, { plannedDowntime: true })
    const drained = await rotation.drain(node)
    const booted = await faults.bootStandalone(node)
    await drained.heal()
    const isServing = await rotation.admits(node)
    await callers.carryOn('5s')

    await outage.heal()
    await rotation.admits(gateway.controlPlane)
    const drainedAgain = isServing ? await rotation.drain(node) : drained // who is not in rotation need not be taken out
    await booted.heal()
    await drainedAgain.heal()
    await rotation.admits(node)

    const survivors = gateway.dataPlane.outside(node).nodes.length
    expect(history).toMeet({ fullOutage: '0ms', lostCalls: 0, readmission: '20s', survivors, imbalance: 1.5 })
  },
)
