import { describe, expect, test } from 'vitest'
import { inMemory, target } from './in-memory.fixture.ts'
import { remake } from './remake.ts'
import type { Replacement, Replacements } from './replacement/docker.ts'

const NETWORK = 'deployment'

/** Containers in memory that can be made anew, and what the engine says of them where that is not what was asked for. */
const remakeable = (says: Partial<Replacement> = {}) => {
  const { world, end } = inMemory()
  const standing = new Map<string, string>()
  let count = 1
  const addressOf = (id: string): string => target.containers.find((each) => each.id === id)?.address ?? ''
  const replacements: Replacements = {
    look: async (id) => ({
      id,
      name: id,
      network: NETWORK,
      address: addressOf(id),
      names: [id],
      restart: { Name: 'always' },
      create: { Image: 'sha256:new' },
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
      return {
        id: replacement,
        isRunning: running,
        addresses: { [NETWORK]: addressOf(id) },
        image: 'sha256:new',
        environment: { ROLE: 'other', SECRET: 'never told' },
        ...says,
      }
    },
    reinstate: async ({ container }) => void standing.delete(container),
  }
  const asked = { image: 'new' }
  const options = { kind: 'upgrade', asked, environment: { ROLE: 'other', SECRET: 'never told' } } as const
  const kind = remake({ ...world, attestLimitMs: 100 }, replacements, options)
  return { kind, replacements, standing, end, clock: world.clock }
}

const injected = async ({ kind }: ReturnType<typeof remakeable>) => {
  await kind.check?.(target)
  const done = Promise.withResolvers<void>()
  const attested = kind.attest(target, done.promise)
  await kind.inject(target).then(done.resolve, done.reject)
  return attested
}

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('a node that is made otherwise', () => {
  test('is witnessed by the engine alone, in effect, held and clear, and no value that it was told is', async () => {
    const made = remakeable()
    const { evidence, bounds } = await injected(made)
    expect(doubts(evidence)).toEqual([])
    expect(evidence.map(({ said }) => said).join()).toMatch(/of image sha256:new, told ROLE, SECRET, which runs/)
    expect(JSON.stringify(evidence)).not.toMatch(/never told/)
    expect(bounds?.[0]).toBeLessThan(bounds?.[1] ?? 0)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
    const healed = Promise.withResolvers<void>()
    const cleared = made.kind.attestClear(target, healed.promise)
    await made.kind.heal(target).then(healed.resolve, healed.reject)
    expect(doubts((await cleared).evidence)).toEqual([])
    expect(made.standing.size).toBe(0)
  })

  test.each<[string, Partial<Replacement>]>([
    ['of another image', { image: 'sha256:old' }],
    ['told something else', { environment: { ROLE: 'other' } }],
    ['at another address', { addresses: { [NETWORK]: '10.99.0.99' } }],
  ])('%s than was asked is called out', async (_, says) => {
    expect(doubts((await injected(remakeable(says))).evidence)[0]).toMatch(/^in place of dashboard stands/)
  })

  test('that ends by itself is made so still: how it fares is not what was injected', async () => {
    const made = remakeable()
    await injected(made)
    made.end(made.standing.get('dashboard') ?? '', 1)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
  })

  test('in whose place somebody else stands by now is called out', async () => {
    const made = remakeable()
    await injected(made)
    await made.replacements.put(await made.replacements.look('dashboard'))
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([
      'nobody stands in the place of dashboard',
    ])
  })

  test('is undone by one step that makes each container itself again, and one that starts it', async () => {
    const { kind } = remakeable()
    await kind.check?.(target)
    expect(kind.undo(target).map(({ act }) => act)).toEqual(['start', 'reinstate', 'start', 'reinstate'])
  })
})
