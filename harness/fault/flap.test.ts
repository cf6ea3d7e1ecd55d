import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { EngineWatch } from './docker.ts'
import { flap } from './flap.ts'
import { inMemory, other } from './in-memory.fixture.ts'
import type { Kind } from './kind.ts'

const BEATS = { downMs: 50, upMs: 60 }

const flapped = async (kind: Kind) => {
  const injected = Promise.withResolvers<void>()
  const attested = kind.attest(other, injected.promise)
  await kind.inject(other).then(injected.resolve, injected.reject)
  return attested
}

/** Events seem to be this much younger than they are, to whoever asks. */
const lateBy =
  (ms: number, saw: EngineWatch['saw']): EngineWatch['saw'] =>
  (container, action, since, limitMs) =>
    saw(container, action, since - ms, limitMs)

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('a node that flaps', () => {
  test('goes down, comes up and goes down again; it goes on until it is healed, and then no more', async () => {
    const { world, running } = inMemory()
    const kind = flap(world, BEATS)
    const { evidence, bounds } = await flapped(kind)
    expect(doubts(evidence)).toEqual([])
    expect(bounds).not.toBeNull()
    expect(doubts(await kind.attestHeld(other, 0))).toEqual([])
    const healed = Promise.withResolvers<void>()
    const clear = kind.attestClear(other, healed.promise)
    await kind.heal(other).then(healed.resolve)
    expect(doubts((await clear).evidence)).toEqual([])
    await pause(2 * (BEATS.downMs + BEATS.upMs))
    expect(running.get('other')).toBe(true)
    expect(doubts(await kind.attestHeld(other, 0))).toEqual([expect.stringMatching(/neither 'die' nor 'start'/)])
  })

  test('goes on where it ends by itself each time it comes up, as a gateway that finds no control plane', async () => {
    const { world, running } = inMemory()
    const { start, stop, kill } = world.runtime
    const shortLived = {
      ...world,
      runtime: {
        ...world.runtime,
        start: async (name: string) => {
          await start(name)
          await stop(name)
        },
        kill: async (name: string) => {
          if (!running.get(name)) throw new Error(`container ${name} is not running`)
          await kill(name)
        },
      },
    }
    const kind = flap(shortLived, BEATS)
    const { evidence } = await flapped(kind)
    expect(doubts([...evidence, ...(await kind.attestHeld(other, 0))])).toEqual([])
    await kind.heal(other)
  })

  test('is not one that went down once', async () => {
    const { world } = inMemory()
    const kind = flap(world, BEATS)
    const { evidence } = await flapped({ ...kind, inject: () => world.runtime.kill('other') })
    expect(doubts(evidence)).toEqual([expect.stringMatching(/no 'start' after 'die' at/)])
  })

  test('is over when only its last start is still to be seen, by an engine that stamps it late', async () => {
    const { world } = inMemory()
    const { saw } = world.engine
    // Here time goes on by 1 ms from one event to the next.
    const late = { ...world, engine: { ...world.engine, saw: lateBy(0.5, saw) } }
    const kind = flap(late, BEATS)
    await flapped(kind)
    await kind.heal(other)
    expect(doubts(await kind.attestHeld(other, 0))).toEqual([expect.stringMatching(/no 'die' after 'start' at/)])
  })

  test('has times that mean something', () => {
    const { world } = inMemory()
    expect(() => flap(world, { downMs: 0 })).toThrow(/downMs is 0, expected 50 to 30000 ms/)
    expect(flap(world, BEATS).asked).toEqual(BEATS)
  })
})
