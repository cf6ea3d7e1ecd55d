import { describe, expect, test } from 'vitest'
import type { ServerLook } from '../topology/haproxy.ts'
import type { Node, Role, Topology } from '../topology/topology.ts'
import { lookForSteadyState, type SteadyCheck, type SteadyWorld } from './steady.ts'

const node = (name: string, role: Role, port: string, address: string): Node => ({
  name,
  role,
  zone: 'a',
  containers: [{ id: name, name, service: name, address, image: 'x', ports: { [port]: { inside: 1 } } }],
})

const members = [
  node('database-1', 'database', 'patroni', 'first'),
  node('database-2', 'database', 'patroni', 'second'),
  node('config-store-1', 'config-store', 'etcd', 'store'),
]

const server = (backend: string, name: string, state: ServerLook['state']): ServerLook => ({
  backend,
  node: name,
  state,
})

const healthy = [
  server('primary', 'database-1', 'in'),
  server('primary', 'database-2', 'standby'),
  server('databases', 'database-1', 'in'),
  server('databases', 'database-2', 'in'),
]

const answers: Readonly<Record<string, readonly [number, object]>> = {
  'http://first:1/primary': [
    200,
    { state: 'running', timeline: 1, replication: [{ state: 'streaming', sync_state: 'sync' }] },
  ],
  'http://second:1/primary': [503, { state: 'running', timeline: 1, sync_standby: true }],
  'http://store:1/health': [200, { health: 'true' }],
}

interface Given {
  readonly nodes?: readonly Node[]
  readonly servers?: readonly ServerLook[]
  readonly answers?: Readonly<Record<string, readonly [status: number, body: object, isCut?: true]>>
  readonly instances?: SteadyWorld['instances']
  readonly operator?: { readonly ended: number; readonly answered: number } | null
  readonly live?: { readonly rate: number; readonly ended: number; readonly answered: number }
}

/** What a look at this deployment says of one thing; undefined when it says nothing. */
const lookedAt = async (given: Given, about: RegExp): Promise<SteadyCheck | undefined> => {
  const said: NonNullable<Given['answers']> = { ...answers, ...given.answers }
  const topology: Topology = {
    stack: 's',
    project: 'steady-test',
    network: 'n',
    subnet: '10.0.0',
    nodes: given.nodes ?? members,
  }
  const checks = await lookForSteadyState({
    topology,
    rotation: { servers: () => given.servers ?? healthy },
    callers: {
      get: async (url) => {
        const [status, body, isCut] = said[url] ?? [404, {}]
        return { ok: true, status, headers: {}, body: JSON.stringify(body), ...(isCut && { isCut }), from: 0, to: 1 }
      },
      live: () => ({ rate: 0, ended: 0, answered: 0, ...given.live, operator: given.operator ?? null }) as never,
    },
    askedRate: given.live ? 200 : 0,
    ...(given.instances && { instances: given.instances }),
  })
  return checks.find((check) => about.test(check.name))
}

const REPLICATION = /synchronous standby/
const STORE = /config store/
const TRUST = /balancer trusts/

test('a pair in sync and a config store with a majority hold', async () => {
  expect([(await lookedAt({}, REPLICATION))?.ok, (await lookedAt({}, STORE))?.ok]).toEqual([true, true])
})

test('a standby that lost its place does not hold', async () => {
  const alone = { 'http://second:1/primary': [503, { state: 'running', timeline: 1 }] as const }
  expect((await lookedAt({ answers: alone }, REPLICATION))?.ok).toBe(false)
})

test('a member of the config store without a leader does not hold, and is named', async () => {
  const lost = { 'http://store:1/health': [503, { health: 'false' }] as const }
  expect(await lookedAt({ answers: lost }, STORE)).toMatchObject({ ok: false, because: 'config-store-1: status 503' })
})

test('a deployment without Patroni and etcd is not asked about them', async () => {
  const nodes = [node('postgres', 'database', 'postgresql', 'plain')]
  expect([await lookedAt({ nodes }, REPLICATION), await lookedAt({ nodes }, STORE)]).toEqual([undefined, undefined])
})

test('one primary and its standby are trusted', async () => {
  expect((await lookedAt({}, TRUST))?.ok).toBe(true)
})

test.each<[string, readonly ServerLook[]]>([
  ['a primary backend with nobody in', [server('primary', 'database-1', 'standby'), ...healthy.slice(1)]],
  [
    'a primary backend with two in',
    [healthy[0], server('primary', 'database-2', 'in'), ...healthy.slice(2)].filter((each) => each !== undefined),
  ],
  [
    'a standby that does not answer its check',
    [healthy[0], server('primary', 'database-2', 'out'), ...healthy.slice(2)].filter((each) => each !== undefined),
  ],
  ['a standby whose PostgreSQL is down', [...healthy.slice(0, 3), server('databases', 'database-2', 'out')]],
  ['a gateway that would be a standby', [...healthy, server('gateways', 'data-plane-1', 'standby')]],
])('%s is not trusted', async (_, servers) => {
  expect((await lookedAt({ servers }, TRUST))?.ok).toBe(false)
})

test('a node that is out is told with what its balancer saw, and without where that saw nothing', async () => {
  const seen = { ...server('gateways', 'data-plane-1', 'out'), reason: 'L7STS 404' }
  const servers = [...healthy, seen, server('gateways', 'data-plane-2', 'maintenance')]
  expect(await lookedAt({ servers }, TRUST)).toMatchObject({
    ok: false,
    because: 'gateways/data-plane-1 is out (L7STS 404); gateways/data-plane-2 is maintenance',
  })
})

test('callers of whom one is not answered, or who call less than asked for seconds, do not hold; that fewer end in one second is no sign', async () => {
  const said = (live: Given['live']) => lookedAt({ ...(live && { live }) }, /asked rate/)
  expect(await said({ rate: 190, ended: 120, answered: 120 })).toMatchObject({ ok: true })
  expect(await said({ rate: 200, ended: 200, answered: 199 })).toMatchObject({ ok: false })
  expect(await said({ rate: 189.4, ended: 200, answered: 200 })).toMatchObject({
    ok: false,
    because: '200 of 200 calls answered in the last second, 189 calls/s of late, 200 asked',
  })
})

test('a signed-in operator who is not answered does not hold, and nobody is missed before that', async () => {
  const said = (operator: Given['operator']) => lookedAt({ operator: operator ?? null }, /operator/)
  expect(await said({ ended: 40, answered: 40 })).toMatchObject({ ok: true })
  expect(await said({ ended: 40, answered: 39 })).toMatchObject({ ok: false })
  expect(await said({ ended: 0, answered: 0 })).toMatchObject({ ok: false })
  expect(await said(null)).toBeUndefined()
})

test('a gateway that the control plane has lost does not hold; before anybody has signed in, and where none is listed, nobody asks', async () => {
  const nodes = [node('data-plane-1', 'data-plane', 'control', 'gw1')]
  const told = (status: number, state = 'Healthy') =>
    lookedAt(
      {
        nodes,
        instances: async () => ({ status, body: { list: [{ hostname: 'data-plane-1', status: state }] }, node: null }),
      },
      /control plane sees/,
    )
  expect(await told(200)).toMatchObject({ ok: true })
  expect(await told(200, 'LostConnection')).toMatchObject({ ok: false, because: 'data-plane-1 is LostConnection' })
  expect(await told(404)).toBeUndefined()
  expect(await lookedAt({ nodes, instances: async () => null }, /control plane sees/)).toBeUndefined()
})

describe('whether every gateway is on one revision', () => {
  const REVISION = /one revision/
  const nodes = [
    node('data-plane-1', 'data-plane', 'control', 'gw1'),
    node('data-plane-2', 'data-plane', 'control', 'gw2'),
  ]
  const routes = [{ value: { id: '1' }, modifiedIndex: 7 }]
  const both = (second: readonly [number, object, isCut?: true]) =>
    lookedAt(
      { nodes, answers: { 'http://gw1:1/v1/routes': [200, routes], 'http://gw2:1/v1/routes': second } },
      REVISION,
    )

  test('holds where they show the same routes', async () => {
    expect(await both([200, routes])).toMatchObject({ ok: true })
  })

  test.each([
    [
      'an answer that was cut',
      [200, routes, true],
      'data-plane-2: the answer was cut at 640 kB, and there is more of it',
    ],
    ['an answer that is none', [503, routes], 'data-plane-2: status 503'],
    ['other routes', [200, []], 'data-plane-1: 1@7; data-plane-2: '],
  ] as const)('does not hold by %s, and says so of who gave it', async (_, second, because) => {
    expect(await both(second)).toMatchObject({ ok: false, because: expect.stringContaining(because) })
  })
})
