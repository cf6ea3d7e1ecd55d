import { describe, expect, test } from 'vitest'
import { FaultError } from '../time/errors.ts'
import { target } from './in-memory.fixture.ts'
import { remake } from './remake.ts'
import type { Replacement, Replacements } from './replacement/docker.ts'
import { doubts, healed, injected, NETWORK, replaceableInMemory } from './replacement/in-memory.fixture.ts'

const IMAGE = 'sha256:new'
const ENVIRONMENT = { ROLE: 'other', SECRET: 'never told' }

/** Containers in memory that can be made anew, and what the engine says of them where that is not what was asked for. */
const remakeable = (says: Partial<Replacement> = {}) => {
  const made = replaceableInMemory({ image: IMAGE, says: { image: IMAGE, environment: ENVIRONMENT, ...says } })
  const options = { kind: 'upgrade', asked: { image: 'new' }, environment: ENVIRONMENT } as const
  return { ...made, kind: remake({ ...made.world, attestLimitMs: 100 }, made.replacements, options) }
}

describe('a node that is made otherwise', () => {
  test('is witnessed by the engine alone, in effect, held and clear, and no value that it was told is', async () => {
    const made = remakeable()
    const { evidence, bounds } = await injected(made.kind)
    expect(doubts(evidence)).toEqual([])
    expect(evidence.map(({ said }) => said).join()).toMatch(/of image sha256:new, told ROLE, SECRET, which runs/)
    expect(JSON.stringify(evidence)).not.toMatch(/never told/)
    expect(bounds?.[0]).toBeLessThan(bounds?.[1] ?? 0)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
    expect(doubts((await healed(made.kind)).evidence)).toEqual([])
    expect(made.standing.size).toBe(0)
  })

  test.each<[string, Partial<Replacement>]>([
    ['of another image', { image: 'sha256:old' }],
    ['told something else', { environment: { ROLE: 'other' } }],
    ['at another address', { addresses: { [NETWORK]: '10.99.0.99' } }],
  ])('%s than was asked is called out', async (_, says) => {
    expect(doubts((await injected(remakeable(says).kind)).evidence)[0]).toMatch(/^in place of dashboard stands/)
  })

  test('that ends by itself is made so still: how it fares is not what was injected', async () => {
    const made = remakeable()
    await injected(made.kind)
    made.end(made.standing.get('dashboard') ?? '', 1)
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
  })

  test('in whose place somebody else stands by now is called out', async () => {
    const made = remakeable()
    await injected(made.kind)
    await made.replacements.put(await made.replacements.look('dashboard'))
    expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([
      'nobody stands in the place of dashboard',
    ])
  })

  test('that is there after the heal is left of it', async () => {
    const made = remakeable()
    await injected(made.kind)
    const { left } = await healed(made.kind, async () =>
      made.replacements.put(await made.replacements.look('dashboard')),
    )
    expect(left).toEqual([expect.stringMatching(/^dashboard-\d replaces dashboard still$/)])
  })

  test('has its log saved when it has ended, and before the original is put back: it goes with it', async () => {
    const made = remakeable()
    const saved: unknown[] = []
    const world = {
      ...made.world,
      keepLog: async ({ name }: { readonly name: string }, standIn: string) => {
        const { running } = await made.world.runtime.state(standIn)
        saved.push([name, standIn, { running, isThere: made.standing.get(name) === standIn }])
      },
    }
    const kind = remake({ ...world, attestLimitMs: 100 }, made.replacements, { kind: 'upgrade', asked: {} })
    await injected(kind)
    await healed(kind)
    expect(saved).toEqual([
      ['dashboard', 'dashboard-2', { running: false, isThere: true }],
      ['dp-manager', 'dp-manager-3', { running: false, isThere: true }],
    ])
    // Healed again there is nobody in its place any more.
    await kind.heal(target)
    expect(saved).toHaveLength(2)
  })

  test('that was told to end and has not, since the request for it broke, is left: it may end yet', async () => {
    const { world, replacements, end } = remakeable()
    const runtime = { ...world.runtime, stop: () => Promise.reject(new Error('the engine was restarted')) }
    const kind = remake({ ...world, runtime, attestLimitMs: 20 }, replacements, { kind: 'upgrade', asked: {} })
    await injected(kind).catch(() => {})
    const words = (name: string) => `${name} was told to end, and has not been started since: it may end yet`
    expect((await healed(kind)).left).toEqual([words('dashboard'), words('dp-manager')])
    end('dashboard', 0)
    end('dp-manager', 0)
    expect((await healed(kind)).left).toBeUndefined()
  })

  describe('of what the engine cannot start', () => {
    const WHY = 'exec: "gateway": executable file not found in $PATH'

    /** Whoever is put in a container's place is there, and its start rejects with this. */
    const unstartable = (refused: Error) => {
      const made = remakeable({ unstarted: WHY })
      const options = { kind: 'upgrade', asked: { image: 'new' }, environment: ENVIRONMENT } as const
      const put: Replacements['put'] = async ({ id }) => {
        made.standing.set(id, `${id}-unfit`)
        throw refused
      }
      return { ...made, kind: remake(made.world, { ...made.replacements, put }, options) }
    }
    const unfit = new FaultError(`dashboard: ${WHY}`, { code: 'ERR_UNFIT' })

    test('stands there and does not run: in effect by what ended for it, held, and clear, with nobody left', async () => {
      const made = unstartable(unfit)
      const { evidence, bounds } = await injected(made.kind)
      expect(doubts(evidence)).toEqual([])
      expect(evidence.map(({ said }) => said)).toEqual([
        expect.stringMatching(/^'die' of dashboard/),
        expect.stringMatching(/^dashboard is exited/),
        expect.stringMatching(/^in place of dashboard stands .* which was never started: exec: "gateway"/),
        ...Array(3).fill(expect.stringContaining('dp-manager')),
      ])
      expect(bounds?.[0]).toBeLessThan(made.clock.now())
      expect(doubts(await made.kind.attestHeld(target, made.clock.now()))).toEqual([])
      expect(made.kind.undo(target).map(({ act }) => act)).toEqual(['start', 'reinstate', 'start', 'reinstate'])
      const cleared = await healed(made.kind)
      expect([doubts(cleared.evidence), cleared.left, made.standing.size]).toEqual([[], undefined, 0])
    })

    test('is no part of what was asked for where the engine would start nobody', async () => {
      const refused = Object.assign(new Error('Address already in use'), { statusCode: 500 })
      const { kind } = unstartable(refused)
      await kind.check?.(target)
      await expect(kind.inject(target)).rejects.toBe(refused)
    })
  })

  test('is undone by one step that makes each container itself again, and one that starts it', async () => {
    const { kind } = remakeable()
    await kind.check?.(target)
    expect(kind.undo(target).map(({ act }) => act)).toEqual(['start', 'reinstate', 'start', 'reinstate'])
  })
})
