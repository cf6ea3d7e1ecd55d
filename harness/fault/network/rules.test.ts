// Every packet rule on real containers: what it does to connections that were open and to new ones, and that nothing is left.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { execute } from '../execute.ts'
import { isolate } from '../isolate.ts'
import type { Attestation, Kind } from '../kind.ts'
import { loss } from '../loss.ts'
import { oneWay } from '../one-way.ts'
import { partition } from '../partition.ts'
import { reject } from '../reject.ts'
import { networkOver } from './docker.ts'
import type { NetworkWorld } from './network.ts'
import { HAS_IPV6, startPeers } from './peers.fixture.ts'

const ADDRESS = '10.213.81.2'
const CALLER = '10.213.81.3'
const PORT = 8080

let peers: Awaited<ReturnType<typeof startPeers>>
let world: NetworkWorld

beforeAll(async () => {
  peers = await startPeers()
  world = { ...networkOver(peers), keep: peers.keep, attestLimitMs: 1500 }
  await peers.reached(10_000)
})
afterAll(() => peers?.end())

const doubts = (evidence: Attestation['evidence']): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

const during = async (act: (acts: Promise<void>) => Promise<Attestation>, does: () => Promise<void>) => {
  const done = Promise.withResolvers<void>()
  const attested = act(done.promise)
  await does().then(done.resolve, done.reject)
  return attested
}

const inject = (kind: Kind): Promise<Attestation> =>
  during(
    (done) => kind.attest(peers.node, done),
    () => kind.inject(peers.node),
  )

const heal = (kind: Kind): Promise<Attestation> =>
  during(
    (done) => kind.attestClear(peers.node, done),
    () => kind.heal(peers.node),
  )

const kinds: readonly (readonly [string, (world: NetworkWorld) => Kind, fresh: string, kept: string])[] = [
  ['isolate', (over) => isolate(over), 'timed-out', 'silent'],
  ['isolate of new connections', (over) => isolate(over, { connections: 'new' }), 'timed-out', 'answered'],
  [
    'isolate of established connections',
    (over) => isolate(over, { connections: 'established' }),
    'connected',
    'silent',
  ],
  ['isolate that spares the caller', (over) => isolate(over, { except: [CALLER] }), 'connected', 'answered'],
  ['one-way in', (over) => oneWay(over, { direction: 'in' }), 'timed-out', 'silent'],
  ['one-way out', (over) => oneWay(over, { direction: 'out' }), 'timed-out', 'silent'],
  ['reject', (over) => reject(over), 'refused', 'reset'],
]

describe.each(kinds)('%s', (name, make, fresh, keptThen) => {
  test(`makes new connections ${fresh} and those that were open ${keptThen}; healed, new ones are made and no rule is left`, async () => {
    const kept = await peers.keep(ADDRESS, PORT)
    expect(await kept.ask(1000)).toBe('answered')
    const kind = make(world)
    const attestation = await inject(kind)
    // Its own witnesses stand where the caller stands: what spares the caller is not to be seen from there.
    if (name !== 'isolate that spares the caller') {
      expect(doubts(attestation.evidence)).toEqual([])
      expect(attestation.bounds).not.toBeNull()
    }
    expect([await peers.connect(300), await kept.ask(300)]).toEqual([fresh, keptThen])
    expect(doubts(await kind.attestHeld(peers.node, 0))).toEqual(
      name === 'isolate that spares the caller' ? [expect.stringContaining('hit 0 packets')] : [],
    )
    expect(doubts((await heal(kind)).evidence)).toEqual([])
    expect(await peers.connect(1000)).toBe('connected')
    expect(await world.network.look(peers.target.id)).toBe(false)
    kept.close()
  })

  test('is not believed where nothing was laid', async () => {
    const network = { ...world.network, impose: async () => {} }
    const attestation = await inject(make({ ...world, network, attestLimitMs: 300 }))
    expect(doubts(attestation.evidence).join()).toMatch(/nobody holds a rule there/)
  })

  test('is contradicted when somebody lifted it before the heal', async () => {
    const kind = make({ ...world, attestLimitMs: 300 })
    await inject(kind)
    await networkOver(peers).network.lift(peers.target.id)
    expect(doubts(await kind.attestHeld(peers.node, 0)).join()).toMatch(/nobody holds a rule there/)
    await heal(kind)
  })
})

describe('loss', () => {
  test('loses its share of the packets, and is not believed where it loses another', async () => {
    const kind = loss(world, { share: 0.3 })
    expect(doubts((await inject(kind)).evidence)).toEqual([])
    expect(doubts((await heal(kind)).evidence)).toEqual([])
    const { impose } = world.network
    const network: NetworkWorld['network'] = {
      ...world.network,
      impose: (id, rule) => impose(id, { ...rule, parameters: { permille: 700 } }),
    }
    const other = loss({ ...world, network, attestLimitMs: 500 }, { share: 0.3 })
    expect(doubts((await inject(other)).evidence).join()).toMatch(/the rule hit/)
    await heal(other)
  })

  test('of most packets is believed by its count: whether anybody still gets through is left to chance', async () => {
    const kind = loss(world, { share: 0.95 })
    expect(doubts((await inject(kind)).evidence)).toEqual([])
    expect(doubts((await heal(kind)).evidence)).toEqual([])
  })

  test.each([0, 1, -1, Number.NaN, 30])('of a share of %d is refused', (share) => {
    expect(() => loss(world, { share })).toThrow(/expected more than 0 and less than 1/)
  })
})

describe('partition', () => {
  const other = () => ({
    ...peers.node,
    name: 'caller',
    containers: peers.node.containers.map((each) => ({ ...each, id: 'x', name: 'caller', address: CALLER })),
  })

  test('cuts the node from those on the other side, and its witness in the middle sees nothing of it', async () => {
    const kind = partition(world, { from: [other()] })
    const { evidence } = await inject(kind)
    // The caller is both the other side and the witness here: it sees the cut.
    expect(evidence.filter((each) => each.source === 'probe from its namespace')).toMatchObject([{ confirms: true }])
    expect(await peers.connect(300)).toBe('timed-out')
    expect(doubts((await heal(kind)).evidence)).toEqual([])
  })

  test.skipIf(!HAS_IPV6)('leaves the node its own loopback, also where that speaks IPv6', async () => {
    const kind = partition(world, { from: [other()] })
    const itself = `const net = require('node:net')
      const server = net.createServer((socket) => socket.end()).listen(0, '::1', () => {
        net.connect(server.address().port, '::1').on('connect', () => process.exit(0))
      })
      setTimeout(() => process.exit(1), 1500)`
    const reaches = async () => (await execute(peers.target.id, ['node', '-e', itself])).exitCode
    expect(await reaches()).toBe(0)
    await inject(kind)
    expect(await reaches()).toBe(0)
    expect(doubts((await heal(kind)).evidence)).toEqual([])
  })

  test('from nobody, or from what is no address, is refused', () => {
    expect(() => partition(world, { from: [] })).toThrow(/nobody on the other side/)
    const odd = { ...other(), containers: other().containers.map((each) => ({ ...each, address: 'gateway' })) }
    expect(() => partition(world, { from: [odd] })).toThrow(/'gateway' is no IPv4 address/)
  })
})
