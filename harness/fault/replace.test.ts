import { describe, expect, test } from 'vitest'
import { replacementAddress } from '../topology/replacement.ts'
import type { Container } from '../topology/topology.ts'
import { inMemory, target } from './in-memory.fixture.ts'
import type { ProcessWorld } from './process.ts'
import { replace } from './replace.ts'
import type { Replacement, Replacements } from './replacement/docker.ts'

const PATIENCE_MS = 100
const NETWORK = 'deployment'

const containerOf = (id: string): Container => {
  const found = target.containers.find((each) => each.id === id)
  if (!found) throw new RangeError(`Nobody is called ${id}.`)
  return found
}

/** Containers in memory that can be replaced, and whatever of it is to go wrong. */
const replaceable = (
  wrong: {
    readonly addresses?: Replacement['addresses']
    readonly isSilent?: boolean
    readonly isSilentAfterwards?: boolean
    readonly leadsTo?: string
  } = {},
) => {
  const { world, end } = inMemory()
  const standing = new Map<string, string>()
  let count = 1
  let isHealed = false
  const replacements: Replacements = {
    look: async (id) => ({
      id,
      name: id,
      network: NETWORK,
      address: containerOf(id).address,
      names: [id],
      restart: { Name: 'always' },
      create: {},
    }),
    keepDown: async () => {},
    put: async ({ id }) => {
      count += 1
      standing.set(id, `${id}-${count}`)
      await world.runtime.start(`${id}-${count}`)
    },
    find: async (id) => {
      const replacement = standing.get(id)
      if (!replacement) return null
      const { running } = await world.runtime.state(replacement)
      const addresses = wrong.addresses ?? { [NETWORK]: replacementAddress(containerOf(id).address) }
      return { id: replacement, isRunning: running, addresses }
    },
    reinstate: async ({ container }) => {
      standing.delete(container)
      isHealed = true
    },
  }
  const isReplacements = (address: string): boolean =>
    [...standing.keys()].some((id) => replacementAddress(containerOf(id).address) === address)
  const seen: ProcessWorld = {
    ...world,
    attestLimitMs: PATIENCE_MS,
    probe: async (address, port, limitMs) => {
      const tried = await world.probe(address, port, limitMs)
      if (isHealed && wrong.isSilentAfterwards) return { ...tried, outcome: 'refused' }
      return isReplacements(address) && !wrong.isSilent ? { ...tried, outcome: 'connected' } : tried
    },
    resolve: async (name) => {
      const { address } = containerOf(name)
      const now = standing.has(name) ? (wrong.leadsTo ?? replacementAddress(address)) : address
      return { addresses: [now], from: world.clock.now(), to: world.clock.now() }
    },
  }
  return { kind: replace(seen, replacements), replacements, standing, end, clock: world.clock }
}

const injected = async ({ kind }: ReturnType<typeof replaceable>) => {
  await kind.check?.(target)
  const done = Promise.withResolvers<void>()
  const attested = kind.attest(target, done.promise)
  await kind.inject(target).then(done.resolve, done.reject)
  return attested
}

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('a replacement', () => {
  test('is witnessed by engine, state, probe and name server: in effect, held, and clear', async () => {
    const made = replaceable()
    const { evidence, bounds } = await injected(made)
    expect(doubts(evidence)).toEqual([])
    expect(new Set(evidence.map(({ source }) => source))).toEqual(
      new Set(['probe from inside', 'engine event', 'container state', 'name server']),
    )
    expect(bounds?.[0]).toBeLessThanOrEqual(bounds?.[1] ?? 0)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
    const healed = Promise.withResolvers<void>()
    const cleared = made.kind.attestClear(target, healed.promise)
    await made.kind.heal(target).then(healed.resolve, healed.reject)
    expect(doubts((await cleared).evidence)).toEqual([])
    expect(made.standing.size).toBe(0)
  })

  test('is undone by one step that makes each container itself again, and one that starts it', async () => {
    const { kind } = replaceable()
    await kind.check?.(target)
    expect(kind.undo(target).map(({ act }) => act)).toEqual(['start', 'reinstate', 'start', 'reinstate'])
  })

  test('that never listens is none', async () => {
    expect(doubts((await injected(replaceable({ isSilent: true }))).evidence)).toContain(
      'nobody took a connection for dashboard at 10.99.0.254 within 0.1 s',
    )
  })

  test('to which its name does not lead is none', async () => {
    expect(doubts((await injected(replaceable({ leadsTo: '10.99.0.1' }))).evidence)).toContain(
      'dashboard leads to 10.99.0.1, asked from a container on the same network',
    )
  })

  test('on a second network is called out', async () => {
    const addresses = { [NETWORK]: '10.99.0.254', bridge: '172.17.0.2' }
    const said = doubts((await injected(replaceable({ addresses }))).evidence)
    expect(said[0]).toMatch(/^dashboard is replaced by .* at 10\.99\.0\.254 on deployment and 172\.17\.0\.2 on bridge/)
  })

  test('that ended before it was healed is called out', async () => {
    const made = replaceable()
    await injected(made)
    const since = made.clock.now()
    made.end(made.standing.get('dashboard') ?? '', 1)
    expect(doubts(await made.kind.attestHeld(target, since))).toContain(
      'the replacement of dashboard ended before anybody healed it',
    )
  })

  test('that was itself replaced is called out', async () => {
    const made = replaceable()
    await injected(made)
    await made.replacements.put(await made.replacements.look('dashboard'))
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual(['nobody replaces dashboard'])
  })

  test('is clear when the container itself listens again, and not before', async () => {
    const made = replaceable({ isSilentAfterwards: true })
    await injected(made)
    const healed = Promise.withResolvers<void>()
    const cleared = made.kind.attestClear(target, healed.promise)
    await made.kind.heal(target).then(healed.resolve, healed.reject)
    expect(doubts((await cleared).evidence)).toContain(
      'nobody took a connection for dashboard at 10.99.0.1 within 0.1 s',
    )
  })

  test('that is there after the heal is called out', async () => {
    const made = replaceable()
    await injected(made)
    const healed = Promise.withResolvers<void>()
    const cleared = made.kind.attestClear(target, healed.promise)
    await made.kind.heal(target)
    await made.replacements.put(await made.replacements.look('dashboard'))
    healed.resolve()
    expect(doubts((await cleared).evidence)).toEqual([
      'dashboard-4 replaces dashboard still',
      'dashboard leads to 10.99.0.254, asked from a container on the same network',
    ])
  })
})
