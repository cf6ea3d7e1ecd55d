// Three members, so that one may be lost: the other two are a majority, and go on.
import { expect, runbook, scenario } from '#harness'

scenario(
  'any killed member of the config store costs callers nothing, and a change made meanwhile reaches every gateway',
  {
    tag: '@config-store',
    annotation: runbook({ page: 'High Availability (2.13)', section: 'Deploy etcd with high availability' }),
  },
  async ({ gateway, callers, operator, dashboard, faults, history }) => {
    await dashboard.signIn()
    await callers.reachSteadyState()

    // Each of them: the one that leads is among them, and whoever lists but one member lists one of them.
    for (const member of gateway.configStore.nodes) {
      const outage = await faults.kill(member)
      const header = { name: 'X-Config', value: `without-${member.name}` }
      const change = await operator.changeRoute('orders', { answerHeader: header }, { within: '30s' })
      await change.reaches(gateway.dataPlane)
      await dashboard.refresh()
      await outage.heal()
      await callers.carryOn('5s')
    }

    // Where the one that leads is killed: a client waits 5 s for a member that is gone, and the balancer's checks for the Dashboards' own.
    expect(history).toMeet({
      fullOutage: '0ms',
      lostCalls: 0,
      survivors: gateway.dataPlane.nodes.length,
      writeOutage: '20s',
      convergence: '10s',
      lostChanges: 0,
      uiStall: '20s',
      signOuts: 0,
    })
  },
)
