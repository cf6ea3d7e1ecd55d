// What Prometheus reads from a gateway.
import { expect, test } from 'vitest'
import type { GatewayUnderTest } from './gateway.fixture.ts'
import { closeAfterEach, gatewayWith, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 4_000, interval: 10 }

async function samples({ ports }: GatewayUnderTest): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/apisix/prometheus/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

async function metered() {
  const port = await upstreamThat(({ url }, response) => void response.writeHead(url === '/s/bad' ? 500 : 200).end('x'))
  const stage = await gatewayWith(
    {
      'services/shop': { name: 'shop', upstream: { nodes: { [`127.0.0.1:${port}`]: 1 } } },
      'routes/r': { uri: '/s/*', service_id: 'shop' },
    },
    { METRICS_PORT: '0' },
  )
  const call = async (path: string) => (await stage.gateway.call(path)).text()
  return { ...stage, call }
}

test('calls are counted by status, route, service and node, and a call without a route with none of them', async () => {
  const { gateway, call } = await metered()
  for (const path of ['/s/1', '/s/2', '/s/bad', '/nowhere']) await call(path)
  const way = 'route="r",matched_uri="/s/*",matched_host="",service="shop",consumer="",node="127.0.0.1"'
  const counts = async () => {
    const read = await samples(gateway)
    const none = 'route="",matched_uri="",matched_host="",service="",consumer="",node=""'
    const names = [`code="200",${way}`, `code="500",${way}`, `code="404",${none}`]
    return [...names.map((name) => read.get(`apisix_http_status{${name}}`)), read.get('apisix_http_requests_total')]
  }
  await expect.poll(counts, limit).toEqual([2, 1, 1, 4])
})

test('latencies are a histogram of the whole call, of the upstream and of the gateway itself', async () => {
  const { gateway, call } = await metered()
  await call('/s/1')
  const labels = (type: string) => `type="${type}",route="r",service="shop",consumer="",node="127.0.0.1"`
  const read = async (type: string) => {
    const all = await samples(gateway)
    const [first, last] = ['1', '+Inf'].map((le) => all.get(`apisix_http_latency_bucket{le="${le}",${labels(type)}}`))
    const [count, sum] = ['count', 'sum'].map((part) => all.get(`apisix_http_latency_${part}{${labels(type)}}`))
    return { isWithin: (first ?? 9) <= (last ?? 0), last, count, tookTime: (sum ?? 0) > 0 }
  }
  const once = { isWithin: true, last: 1, count: 1, tookTime: true }
  for (const type of ['request', 'upstream', 'apisix']) await expect.poll(() => read(type), limit).toEqual(once)
})

test('a route that changes goes on with its counts', async () => {
  const { gateway, dpManager, call } = await metered()
  await call('/s/1')
  dpManager.store.put('/apisix/routes/r', { uri: '/s/*', service_id: 'shop', desc: 'changed' })
  const shown = async () => (await (await gateway.control('/v1/route/r')).json()).value.desc
  await expect.poll(shown, limit).toBe('changed')
  await call('/s/1')
  const statuses = async () => [...(await samples(gateway))].filter(([name]) => name.startsWith('apisix_http_status'))
  await expect.poll(async () => (await statuses()).map(([, value]) => value), limit).toEqual([2])
})

test('connections, the reach of a DP Manager and the indexes of the configuration are told', async () => {
  const { gateway, dpManager, call } = await metered()
  await call('/s/1')
  const before = await samples(gateway)
  expect(before.get('apisix_nginx_http_current_connections{state="accepted"}')).toBe(1)
  expect(before.get('apisix_etcd_reachable')).toBe(1)
  expect(before.get('apisix_etcd_modify_indexes{key="routes"}')).toBe(3)
  expect(before.get('apisix_etcd_modify_indexes{key="max_modify_index"}')).toBe(3)
  expect(before.get('apisix_node_info{hostname="data-plane-1"}')).toBe(1)
  await dpManager.stop()
  expect((await samples(gateway)).get('apisix_etcd_reachable')).toBe(0)
})

test('any other path of the metrics port is not found', async () => {
  const { gateway } = await metered()
  expect((await fetch(`http://127.0.0.1:${gateway.ports.metrics}/metrics`)).status).toBe(404)
})
