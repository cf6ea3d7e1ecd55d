// When a node counts as unhealthy, and what that spares the callers.
import { expect, test } from 'vitest'
import { deadPort, statusOf } from './gateway.fixture.ts'
import { nodeHealth } from './node-health.ts'
import { closeAfterEach, gatewayWith, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 6_000, interval: 20 }

test('as many failures of one kind in a row as the limit make a node unhealthy, one fewer do not', () => {
  const health = nodeHealth()
  expect([health.note('http_failure', 2), health.state()]).toEqual([false, 'mostly_healthy'])
  expect([health.note('http_failure', 2), health.state(), health.isHealthy()]).toEqual([true, 'unhealthy', false])
})

test('a success between failures starts the count again', () => {
  const health = nodeHealth()
  for (const sign of ['tcp_failure', 'success', 'tcp_failure'] as const) health.note(sign, 2)
  expect(health.isHealthy()).toBe(true)
})

test('an unhealthy node is healthy again after as many successes as the limit', () => {
  const health = nodeHealth()
  health.note('timeout_failure', 1)
  expect([health.note('success', 2), health.state()]).toEqual([false, 'mostly_unhealthy'])
  expect([health.note('success', 2), health.state()]).toEqual([true, 'healthy'])
})

/** An upstream that answers its health path with a status a test can change. */
async function ailing(name: string) {
  let status = 200
  const port = await upstreamThat(({ url }, response) => {
    if (url === '/healthz') response.writeHead(status).end()
    else response.end(name)
  })
  return {
    port,
    turn: (to: number) => {
      status = to
    },
  }
}

const active = {
  http_path: '/healthz',
  healthy: { interval: 1, successes: 1 },
  unhealthy: { interval: 1, http_failures: 1 },
}

test('active checks take a node that answers 503 out of the turn, show it, and take it in again', async () => {
  const [a, b] = [await ailing('a'), await ailing('b')]
  const { gateway } = await gatewayWith({ 'routes/r': routeTo([a.port, b.port], { checks: { active } }) })
  const names = async () =>
    [await (await gateway.call('/')).text(), await (await gateway.call('/')).text()].sort().join('')
  expect(await names()).toBe('ab')
  a.turn(503)
  await expect.poll(names, limit).toBe('bb')
  const [shown] = await (await gateway.control('/v1/healthcheck')).json()
  expect(shown).toMatchObject({ name: '/apisix/routes/r', type: 'http' })
  expect(shown.nodes.map(({ port, status }: { port: number; status: string }) => [port, status])).toEqual([
    [a.port, 'unhealthy'],
    [b.port, 'healthy'],
  ])
  a.turn(200)
  await expect.poll(names, limit).toBe('ab')
})

test('passive checks: a node whose calls fail is not asked again, though its active checks are green', async () => {
  const failing = await upstreamThat(
    ({ url }, response) => void response.writeHead(url === '/healthz' ? 200 : 500).end(),
  )
  const good = await ailing('good')
  const passive = { unhealthy: { http_failures: 2 } }
  const checks = { active: { ...active, healthy: { interval: 60 }, unhealthy: { interval: 60 } }, passive }
  const { gateway } = await gatewayWith({ 'routes/r': routeTo([failing, good.port], { checks }) })
  const statuses: number[] = []
  for (let call = 0; call < 8; call += 1) statuses.push(await statusOf(gateway.call('/')))
  expect(statuses.filter((status) => status === 500)).toHaveLength(2)
  expect(statuses.slice(-4)).toEqual([200, 200, 200, 200])
})

test('when no node is healthy all are asked', async () => {
  const sick = await upstreamThat(({ url }, response) => void response.writeHead(url === '/healthz' ? 503 : 200).end())
  const tcp = { active: { type: 'tcp', healthy: { interval: 60 }, unhealthy: { interval: 60 } } }
  const passive = { unhealthy: { tcp_failures: 1 } }
  const { gateway } = await gatewayWith({
    'routes/sick': { ...routeTo([sick], { checks: { active } }), uri: '/sick' },
    'routes/dead': { ...routeTo([await deadPort()], { checks: { ...tcp, passive } }), uri: '/dead' },
  })
  expect(await statusOf(gateway.call('/sick'))).toBe(200)
  const statesOf = async () =>
    ((await (await gateway.control('/v1/healthcheck')).json()) as { nodes: { status: string }[] }[]).map(
      ({ nodes }) => nodes[0]?.status,
    )
  expect([await statusOf(gateway.call('/dead')), await statusOf(gateway.call('/dead'))]).toEqual([502, 502])
  await expect.poll(statesOf, limit).toEqual(['unhealthy', 'unhealthy'])
  expect(await statusOf(gateway.call('/sick'))).toBe(200)
})
