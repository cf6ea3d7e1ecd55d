// What the Control API shows of the configuration a gateway serves from.
import { expect, test } from 'vitest'
import { closeAfterEach, gatewayWith, routeTo } from './traffic.fixture.ts'

closeAfterEach()

const upstream = { type: 'roundrobin', nodes: { '127.0.0.1:1': 1 } }

async function shownBy(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const { gateway } = await gatewayWith({
    'routes/r': routeTo([1]),
    'services/s': { name: 's', upstream },
    'upstreams/u': upstream,
  })
  const answer = await gateway.control(path)
  return { status: answer.status, body: await answer.json() }
}

const service = { key: '/apisix/services/s', value: { name: 's', upstream }, modifiedIndex: 3, createdIndex: 3 }
const shownUpstream = { key: '/apisix/upstreams/u', value: upstream, modifiedIndex: 4, createdIndex: 4 }

test.each([
  ['/v1/services', [service]],
  ['/v1/service/s', service],
  ['/v1/upstreams', [shownUpstream]],
  ['/v1/upstream/u', shownUpstream],
  ['/v1/healthcheck', []],
])('%s shows what is served from', async (path, body) => {
  expect(await shownBy(path)).toEqual({ status: 200, body })
})

test('/v1/schema shows what a route may have, and that it may have nothing else', async () => {
  const { status, body } = await shownBy('/v1/schema')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    main: { route: { properties: { uri: { type: 'string' } }, additionalProperties: false }, ssl: {} },
    plugins: { 'proxy-rewrite': {}, 'response-rewrite': {} },
  })
})

test('what does not exist is not found', async () => {
  expect(await shownBy('/v1/service/other')).toEqual({ status: 404, body: { error_msg: 'service other not found' } })
  expect((await shownBy('/v2/routes')).status).toBe(404)
})
