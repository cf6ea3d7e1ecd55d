// Gateways come to DP Manager over mTLS; one whose certificate has expired serves on, and hears of no change until it has another.
import { expect, runbook, scenario } from '#harness'

scenario(
  'a gateway with an expired certificate serves on from memory, and catches up once it has a valid one',
  {
    tag: '@security',
    annotation: runbook({ page: 'Multiple Availability Zones', section: 'Data Plane Nodes' }),
    needs: ['stack=multi-zone'],
  },
  async ({ gateway, callers, operator, faults, history }) => {
    await callers.reachSteadyState()
    const node = gateway.dataPlane.pick()

    const expiry = await faults.certificate(node, { state: 'expired' })
    const header = { name: 'X-Config', value: 'unheard-of' }
    const change = await operator.changeRoute('orders', { answerHeader: header })
    await change.reaches(gateway.dataPlane.outside(node))
    await callers.carryOn('5s')

    await expiry.heal()
    await change.reaches(gateway.dataPlane) // before anything else is changed: whoever goes on from what is newest has missed it
    const next = await operator.changeRoute('orders', { answerHeader: { ...header, value: 'heard-of-again' } })
    await next.reaches(gateway.dataPlane)

    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      p99: '250ms',
      convergence: '60s',
      lostChanges: 0,
      survivors: gateway.dataPlane.nodes.length,
    })
  },
)
