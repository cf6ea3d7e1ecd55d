import { expect, test } from 'vitest'
import { requestsOf } from './caller/requests.ts'
import { headerOf, type LanePlan, orderOf } from './lane-plan.ts'

const plan: LanePlan = {
  lane: 'kept-alive',
  purpose: 'dashboard',
  zone: 'a',
  connections: 'kept-alive',
  url: 'http://user:canary@dashboard:7080/apisix/admin/routes?page=1',
  rate: 20,
  deadlineMs: 2000,
  headers: { cookie: 'a7session=canary' },
  expectEcho: false,
}
const world = { run: 'r1', seed: 7, nodes: ['control-plane-1', 'control-plane-2'] }

test('an order carries the secrets of its plan, a GET that expects 200, and ids that no other lane has', () => {
  const order = orderOf(plan, world)
  expect(order).toMatchObject({
    method: 'GET',
    expectStatus: 200,
    headers: { cookie: 'a7session=canary' },
    nodeHeaders: ['x-firedrill-node', 'x-firedrill-via'],
    knownAs: { 'control-plane-1': 0, 'control-plane-2': 1 },
    requestIdPrefix: 'r1.kept-alive.',
  })
  expect(orderOf({ ...plan, method: 'POST', body: 'x', expectStatus: 201 }, world)).toMatchObject({
    method: 'POST',
    body: 'x',
    expectStatus: 201,
  })
})

test('a node is known by its name and by its addresses, an address of nobody by neither', () => {
  const addresses = { '10.0.0.2': 'control-plane-2', '10.0.0.9': 'upstream' }
  expect(orderOf(plan, { ...world, addresses }).knownAs).toEqual({
    'control-plane-1': 0,
    'control-plane-2': 1,
    '10.0.0.2': 1,
  })
})

test('a header records the lane and none of its secrets', () => {
  expect(headerOf(plan, orderOf(plan, world), 12.5)).toEqual({
    schema: 'firedrill.calls/1',
    lane: 'kept-alive',
    purpose: 'dashboard',
    zone: 'a',
    connections: 'kept-alive',
    method: 'GET',
    url: 'http://dashboard:7080/apisix/admin/routes?page=1',
    rate: 20,
    t0: 12.5,
    seed: orderOf(plan, world).seed,
    deadlineMs: 2000,
    nodes: ['control-plane-1', 'control-plane-2'],
    requestIdPrefix: 'r1.kept-alive.',
  })
})

test.each([
  [{ lane: '../x' }, /cannot name a lane/],
  [{ rate: 0 }, /wants 0 calls/],
  [{ rate: Number.NaN }, /wants NaN calls/],
  [{ deadlineMs: 0 }, /deadline of 0 ms/],
])('%o is refused', (more, why) => {
  expect(() => orderOf({ ...plan, ...more }, world)).toThrow(why)
})

test('255 nodes fit the node column and 256 do not', () => {
  const nodes = Array.from({ length: 256 }, (_, i) => `n${i}`)
  expect(orderOf(plan, { ...world, nodes: nodes.slice(1) }).nodes).toHaveLength(255)
  expect(() => orderOf(plan, { ...world, nodes })).toThrow(/256 nodes do not fit/)
})

test("a lane's schedule is drawn from the run's seed, another for each lane and the same when played again", () => {
  const seedIn = (seed: number, lane: string) => orderOf({ ...plan, lane }, { ...world, seed }).seed
  const seeds = [seedIn(7, 'kept-alive'), seedIn(7, 'new-connections'), seedIn(8, 'kept-alive')]
  expect(new Set(seeds).size).toBe(3)
  expect(seedIn(7, 'kept-alive')).toBe(seeds[0])
})

test('an order without an echo holds the text that the answer must have', () => {
  const order = orderOf({ ...plan, expectBody: '"name":"orders"' }, world)
  expect(requestsOf(order)(0).holds(0)).toEqual(['"name":"orders"'])
  expect(requestsOf(orderOf(plan, world))(0).holds(0)).toEqual([])
})
