import { describe, expect, test } from 'vitest'
import type { Node } from '../topology/topology.ts'
import { database, one, storeInMemory, two } from './config-store.fixture.ts'
import type { FaultOptions, Faults } from './fault.ts'
import type { Attestation, Kind } from './kind.ts'
import type { ConfigStoreWorld } from './quorum.ts'
import { witnessedQuorum } from './quorum-witness.ts'

/** Hands kinds on, as they are given to those who inject; whatever was handed on is a fault that is not healed. */
const handing = (world: ConfigStoreWorld) => {
  const broken: string[] = []
  const asked: Kind[] = []
  const faults: Faults = {
    inject: async (given: Kind, nodes: readonly Node[], _options?: FaultOptions) => {
      asked.push(given)
      broken.push(...nodes.map(({ name }) => name))
      return { id: 'f', kind: given.kind, targets: nodes, heal: async () => {} }
    },
    healAll: async () => [],
    inEffect: () => [],
    broken: () => broken,
  }
  const witnessed = witnessedQuorum(faults, world)
  return async (kind: Kind, targets: readonly Node[]): Promise<Kind> => {
    await witnessed.inject(kind, targets)
    return asked.at(-1) ?? kind
  }
}

const handedOn = (kind: Kind, world: ConfigStoreWorld, targets: readonly Node[]): Promise<Kind> =>
  handing(world)(kind, targets)

/** Breaks a node, and says what its witnesses say. */
const broken = async (kind: Kind, node: Node): Promise<Attestation['evidence']> => {
  await kind.inject(node)
  return (await kind.attest(node, Promise.resolve())).evidence
}

const storeSays = (evidence: Attestation['evidence']) =>
  evidence.filter(({ source }) => source === 'config store').map(({ said, confirms }) => [said, confirms])

describe('a lost member', () => {
  test('leaves a majority that says so, until it is healed and says so itself', async () => {
    const { world, kill } = storeInMemory()
    const kind = await handedOn(kill, world, [one])
    await kind.inject(one)
    const kept = [
      ['store-2 answers a read that a majority confirms: there is a leader', true],
      ['store-3 answers a read that a majority confirms: there is a leader', true],
    ]
    expect(storeSays((await kind.attest(one, Promise.resolve())).evidence)).toEqual(kept)
    expect(storeSays(await kind.attestHeld(one, 0))).toEqual(kept)
    await kind.heal(one)
    expect(storeSays((await kind.attestClear(one, Promise.resolve())).evidence)).toEqual([
      ['store-1 answers a read that a majority confirms: there is a leader', true],
    ])
  })

  test('beside which the majority is lost, too, is contradicted', async () => {
    const { world, down, kill } = storeInMemory()
    const kind = await handedOn(kill, world, [one])
    await kind.inject(one)
    down.add('store-2')
    expect(storeSays((await kind.attest(one, Promise.resolve())).evidence)).toEqual([
      ['store-2 gives no answer', false],
      ['store-3 answers, and no majority confirms its read: the quorum is lost', false],
    ])
  })

  test('that nobody saw go is not proven by the others', async () => {
    const { world, kill } = storeInMemory()
    const kind = await handedOn({ ...kill, inject: async () => {} }, world, [one])
    expect(storeSays((await kind.attest(one, Promise.resolve())).evidence)).toEqual([])
  })
})

describe('a lost quorum', () => {
  const LOST = ['store-3 answers, and no majority confirms its read: the quorum is lost', true]

  test('by two members at once is what the last one says, once', async () => {
    const { world, kill } = storeInMemory()
    const kind = await handedOn(kill, world, [one, two])
    await Promise.all([one, two].map((node) => kind.inject(node)))
    const said = await Promise.all([one, two].map((node) => kind.attest(node, Promise.resolve())))
    expect(said.flatMap(({ evidence }) => storeSays(evidence))).toEqual([LOST])
  })

  test('by one member beside another fault is, too; and that one, healed first, is well again with the third', async () => {
    const { world, kill } = storeInMemory()
    const hand = handing(world)
    const first = await hand(kill, [two])
    await broken(first, two)
    const second = await hand(kill, [one])
    expect(storeSays(await broken(second, one))).toEqual([LOST])
    await second.heal(one)
    expect(storeSays((await second.attestClear(one, Promise.resolve())).evidence)).toEqual([
      ['store-1 answers a read that a majority confirms: there is a leader', true],
    ])
  })

  test('that was not lost is contradicted', async () => {
    const { world, kill } = storeInMemory()
    const kind = await handedOn(kill, world, [one, two])
    await kind.inject(one)
    expect(storeSays((await kind.attest(one, Promise.resolve())).evidence)).toEqual([
      ['store-3 answers a read that a majority confirms: there is a leader', false],
    ])
  })
})

test('beside a member of which nobody can say whether it takes part, nothing is said of the majority', async () => {
  const { world, kill } = storeInMemory()
  const hand = handing(world)
  const slow = await hand({ ...kill, kind: 'slow', inject: async () => {} }, [two])
  await slow.inject(two)
  expect(storeSays(await broken(await hand(kill, [one]), one))).toEqual([])
})

test('faults that take no member away are handed on as they are', async () => {
  const { world, kill } = storeInMemory()
  const slow: Kind = { ...kill, kind: 'slow' }
  const halfCut: Kind = { ...kill, kind: 'isolate', hits: 'new' }
  expect(await handedOn(kill, world, [database])).toBe(kill)
  expect(await handedOn(slow, world, [one])).toBe(slow)
  expect(await handedOn(halfCut, world, [one])).toBe(halfCut)
})
