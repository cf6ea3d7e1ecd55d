// The slow link leads to the zone in which the database leads: every change crosses it several times, and none is lost on the way.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a zone that has the database’s primary and answers 100 ms later stays in service, and changes are taken and reach every gateway',
  {
    tag: ['@zone', '@database'],
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Failure Domain Isolation' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const changes = await operator.keepChanging()
    await callers.carryOn('2s')
    const { zone } = await gateway.primary()

    const delay = await faults.slow(gateway.zone(zone), { by: '100ms' })
    const change = await operator.changeRoute('orders', { answerHeader: { name: 'X-Config', value: 'slowly' } })
    await change.reaches(gateway.dataPlane)
    await callers.carryOn('6s')
    await delay.heal()
    await callers.carryOn('2s')
    await changes.stop()

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      // A new connection takes three of them: its handshake, the call, and the balancer's own to the gateway.
      p99: '600ms',
      recovery: '30s',
      recoveredP99: '250ms',
      recoveredP99VsSteady: '5x',
      survivors: gateway.dataPlane.nodes.length,
      imbalance: 1.5,
      writeOutage: '5s', // slow is not away: nobody else has to lead
      convergence: '10s',
      lostChanges: 0,
    })
  },
)
