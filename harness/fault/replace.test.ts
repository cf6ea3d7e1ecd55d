import { describe, expect, test } from 'vitest'
import { FaultError } from '../time/errors.ts'
import { replacementAddress } from '../topology/replacement.ts'
import { target } from './in-memory.fixture.ts'
import type { ProcessWorld } from './process.ts'
import { replace } from './replace.ts'
import type { Replacement } from './replacement/docker.ts'
import { containerOf, doubts, healed, injected, NETWORK, replaceableInMemory } from './replacement/in-memory.fixture.ts'

const PATIENCE_MS = 100

/** Containers in memory that can be replaced, and whatever of it is to go wrong. */
const replaceable = (
  wrong: {
    readonly addresses?: Replacement['addresses']
    readonly isSilent?: boolean
    readonly isSilentAfterwards?: boolean
    readonly leadsTo?: string
    /** Others that share the name. */
    readonly sharedWith?: readonly string[]
  } = {},
) => {
  const made = replaceableInMemory({
    addressOf: ({ address }) => replacementAddress(address),
    says: { ...(wrong.addresses && { addresses: wrong.addresses }) },
  })
  const { world, standing, replacements } = made
  let isHealed = false
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
      return { addresses: [...(wrong.sharedWith ?? []), now], from: world.clock.now(), to: world.clock.now() }
    },
  }
  const reinstate: typeof replacements.reinstate = async (original) => {
    await replacements.reinstate(original)
    isHealed = true
  }
  return { ...made, kind: replace(seen, { ...replacements, reinstate }) }
}

describe('a replacement', () => {
  test('is witnessed by engine, state, probe and name server: in effect, held, and clear', async () => {
    const made = replaceable()
    const { evidence, bounds } = await injected(made.kind)
    expect(doubts(evidence)).toEqual([])
    expect(new Set(evidence.map(({ source }) => source))).toEqual(
      new Set(['probe from inside', 'engine event', 'container state', 'name server']),
    )
    expect(bounds?.[0]).toBeLessThanOrEqual(bounds?.[1] ?? 0)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
    expect(doubts((await healed(made.kind)).evidence)).toEqual([])
    expect(made.standing.size).toBe(0)
  })

  test('is undone by one step that makes each container itself again, and one that starts it', async () => {
    const { kind } = replaceable()
    await kind.check?.(target)
    expect(kind.undo(target).map(({ act }) => act)).toEqual(['start', 'reinstate', 'start', 'reinstate'])
  })

  test('that cannot be started is none: it is of the same make', async () => {
    const unfit = new FaultError('no such program', { code: 'ERR_UNFIT' })
    const { world, replacements } = replaceable()
    const kind = replace(world, { ...replacements, put: () => Promise.reject(unfit) })
    await kind.check?.(target)
    await expect(kind.inject(target)).rejects.toBe(unfit)
  })

  test('that never listens is none', async () => {
    expect(doubts((await injected(replaceable({ isSilent: true }).kind)).evidence)).toContain(
      'nobody took a connection for dashboard at 10.99.0.254 within 0.1 s',
    )
  })

  test('to which its name does not lead is none', async () => {
    expect(doubts((await injected(replaceable({ leadsTo: '10.99.0.1' }).kind)).evidence)).toContain(
      'dashboard leads to 10.99.0.1, asked from a container on the same network',
    )
  })

  test('that shares a name with others is found under it among them, and the container is afterwards', async () => {
    const made = replaceable({ sharedWith: ['10.99.0.43', '10.99.0.44'] })
    expect(doubts((await injected(made.kind)).evidence)).toEqual([])
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
    expect(doubts((await healed(made.kind)).evidence)).toEqual([])
  })

  test('whose shared name leads to the container still is none', async () => {
    const made = replaceable({ sharedWith: ['10.99.0.1', '10.99.0.43'] })
    expect(doubts((await injected(made.kind)).evidence)).toContain(
      'dashboard leads to 10.99.0.1 and 10.99.0.43 and 10.99.0.254, asked from a container on the same network',
    )
  })

  test('on a second network is called out', async () => {
    const addresses = { [NETWORK]: '10.99.0.254', bridge: '172.17.0.2' }
    const said = doubts((await injected(replaceable({ addresses }).kind)).evidence)
    expect(said[0]).toMatch(/^dashboard is replaced by .* at 10\.99\.0\.254 on deployment and 172\.17\.0\.2 on bridge/)
  })

  test('that ended before it was healed is called out', async () => {
    const made = replaceable()
    await injected(made.kind)
    const since = made.clock.now()
    made.end(made.standing.get('dashboard') ?? '', 1)
    expect(doubts(await made.kind.attestHeld(target, since))).toContain(
      'the replacement of dashboard ended before anybody healed it',
    )
  })

  test('that was itself replaced is called out', async () => {
    const made = replaceable()
    await injected(made.kind)
    await made.replacements.put(await made.replacements.look('dashboard'))
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual(['nobody replaces dashboard'])
  })

  test('is clear when the container itself listens again, and not before', async () => {
    const made = replaceable({ isSilentAfterwards: true })
    await injected(made.kind)
    expect(doubts((await healed(made.kind)).evidence)).toContain(
      'nobody took a connection for dashboard at 10.99.0.1 within 0.1 s',
    )
  })

  test('of one that was told to end and has not, since the request for it broke, leaves it: it may end yet', async () => {
    const { world, replacements } = replaceable()
    const runtime = { ...world.runtime, stop: () => Promise.reject(new Error('the engine was restarted')) }
    const kind = replace({ ...world, runtime, attestLimitMs: 20 }, replacements)
    await injected(kind).catch(() => {})
    expect((await healed(kind)).left).toEqual([
      'dashboard was told to end, and has not been started since: it may end yet',
      'dp-manager was told to end, and has not been started since: it may end yet',
    ])
  })

  test('that is there after the heal is called out', async () => {
    const made = replaceable()
    await injected(made.kind)
    const { evidence, left } = await healed(made.kind, async () =>
      made.replacements.put(await made.replacements.look('dashboard')),
    )
    expect(doubts(evidence)).toEqual([
      'dashboard-4 replaces dashboard still',
      'dashboard leads to 10.99.0.254, asked from a container on the same network',
    ])
    expect(left).toEqual(['dashboard-4 replaces dashboard still'])
  })
})
