// Which objects a data plane takes, and what becomes of those it does not.
import { expect, test } from 'vitest'
import { type LogLine, logInto, statusOf } from './gateway.fixture.ts'
import { objectCheck } from './object-check.ts'
import { closeAfterEach, gatewayWith, routeTo } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 4_000, interval: 10 }
const check = objectCheck({ prefix: '/apisix', log: logInto([]) })
const objection = (name: string, value: object) =>
  check.objection({ key: `/apisix/${name}`, value, modifiedIndex: 1, createdIndex: 1 })

const upstream = { type: 'roundrobin', nodes: [{ host: 'a', port: 80, weight: 1 }] }

test.each([
  ['routes/r', { uri: '/a', upstream }],
  [
    'routes/r',
    {
      id: '1',
      name: 'r',
      desc: 'd',
      uris: ['/a'],
      service_id: 's',
      labels: { k: 'v' },
      create_time: 1,
      update_time: 1,
      status: 1,
    },
  ],
  ['services/s', { name: 's', upstream, plugins: {} }],
  ['upstreams/u', { type: 'chash', key: 'uri', nodes: { 'a:80': 1 }, checks: { active: { type: 'tcp' } } }],
  ['consumers/c', { username: 'c', anything: true }],
])('%s: %j is taken', (name, value) => {
  expect(objection(name, value)).toBe(undefined)
})

test.each([
  [
    'routes/r',
    { uri: '/a', upstream, gateway_group_id: 'default' },
    'object must NOT have additional properties (gateway_group_id)',
  ],
  ['routes/r', { uri: '/a', uris: ['/b'], upstream }, 'object must match exactly one schema in oneOf'],
  ['routes/r', { upstream }, "object must have required property 'uri'"],
  ['routes/r', { uri: '/a' }, "object must have required property 'plugins'"],
  ['routes/r', { uri: '/a', host: 'a', hosts: ['b'], upstream }, 'object must NOT be valid'],
  ['routes/r', { uri: '/a', upstream, vars: [['arg_a', '==', '1']] }, '/vars must NOT have more than 0 items'],
  [
    'services/s',
    { upstream: { ...upstream, type: 'ewma' } },
    '/upstream/type must be equal to one of the allowed values',
  ],
  ['upstreams/u', { ...upstream, checks: { passive: {} } }, "/checks must have required property 'active'"],
])('%s: %j is refused with a reason', (name, value, reason) => {
  expect(objection(name, value)).toBe(reason)
})

test('a refused change leaves the value before it in place, and later changes arrive', async () => {
  const { gateway, dpManager } = await gatewayWith({ 'routes/a': { ...routeTo([1]), uri: '/a', status: 0 } })
  dpManager.store.put('/apisix/routes/a', { ...routeTo([1]), uri: '/b', unheard: 1 })
  dpManager.store.put('/apisix/routes/later', { uri: '/later', upstream: { nodes: [] } })
  await expect.poll(() => statusOf(gateway.call('/later')), limit).toBe(503)
  const shown = await (await gateway.control('/v1/route/a')).json()
  expect(shown.value.uri).toBe('/a')
  const said = (gateway.log as readonly LogLine[]).find(({ msg }) => msg.startsWith('failed to check item data'))
  expect(said).toMatchObject({ key: '/apisix/routes/a', reason: expect.stringContaining('unheard') })
})

test('what is refused in the first full read is left out and harms no other', async () => {
  const wrong = { uri: '/a', upstream: { nodes: [] }, unheard: 1 }
  const { gateway } = await gatewayWith({ 'routes/a': wrong, 'routes/b': { uri: '/b', upstream: { nodes: [] } } })
  expect([await statusOf(gateway.call('/a')), await statusOf(gateway.call('/b'))]).toEqual([404, 503])
})
