// Witnesses that are lost, or whose act is, while the one waits for the other: a rejection that nobody waits for would end the process.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bandwidth } from './bandwidth.ts'
import { attestShown } from './identity/witness.ts'
import { isolate } from './isolate.ts'
import type { Kind } from './kind.ts'
import type { NetworkWorld } from './network/network.ts'
import { target } from './one-target.fixture.ts'
import { slow } from './slow.ts'

let unhandled: string[]
const note = (error: unknown): void => void unhandled.push((error as Error).message)

beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', note)
})
afterEach(() => void process.off('unhandledRejection', note))

const lost = () => Promise.reject(new Error('the callers are lost'))

/** Callers reach the target until it is cut off, and say so until they are lost; nothing is laid on anybody. */
const losable = () => {
  let nowMs = 0
  let isLost = false
  let isCut = false
  const unlessLost = async <T>(answer: T): Promise<T> => {
    nowMs += 1
    return isLost ? lost() : answer
  }
  const world: NetworkWorld = {
    run: 'r',
    network: {
      impose: async () => {},
      count: () => unlessLost(null),
      reach: async () => null,
      lift: async () => ({ outcome: 'uncounted', because: 'nothing was laid' }),
      look: async () => false,
      sever: async () => 0,
      livesSince: async () => 'life 1',
      settled: async () => {},
    },
    clock: { now: () => nowMs },
    attestLimitMs: 20,
    probe: async () => unlessLost({ outcome: isCut ? 'timed-out' : 'connected', from: nowMs, to: nowMs }),
    keep: async () => ({
      ask: () => unlessLost('answered'),
      draw: () => unlessLost({ outcome: isCut ? 'silent' : 'answered', bytes: 10_000, from: nowMs, to: nowMs + 1 }),
      close: () => {},
    }),
  }
  const cut = (): void => {
    isCut = true
  }
  const lose = (): void => {
    isLost = true
  }
  return { world, cut, lose }
}

/** What the process hears while the callers are lost before the act is over, and the act breaks too. */
const heardOf = async (
  attest: (act: Promise<void>) => Promise<unknown>,
  lose: () => void,
): Promise<readonly string[]> => {
  const act = Promise.withResolvers<void>()
  const attested = attest(act.promise).catch((error: Error) => error.message)
  for (let turn = 0; turn < 20; turn += 1) await nextTurn()
  lose()
  for (let turn = 0; turn < 20; turn += 1) await nextTurn()
  act.reject(new Error('the act broke'))
  expect(await attested).toBe('the act broke')
  await new Promise((resolve) => setTimeout(resolve, 50))
  return unhandled
}

const kinds: readonly (readonly [string, (world: NetworkWorld) => Kind])[] = [
  ['isolate', (world) => isolate(world)],
  ['slow', (world) => slow(world, { byMs: 50 })],
  ['bandwidth', (world) => bandwidth(world, { kbitPerSecond: 1000 })],
]

describe.each(kinds)('%s', (_, make) => {
  test('that would not land is told to whoever injects it, and to nobody else', async () => {
    const { world, lose } = losable()
    expect(await heardOf((act) => make(world).attest(target, act), lose)).toEqual([])
  })

  test('that would not be healed is told to whoever heals it, and to nobody else', async () => {
    const { world, cut, lose } = losable()
    const kind = make(world)
    await kind.attest(target, Promise.resolve())
    cut()
    expect(await heardOf((act) => kind.attestClear(target, act), lose)).toEqual([])
  })

  test('of a node whose callers were lost from the start is told to whoever injects it', async () => {
    const { world, lose } = losable()
    lose()
    const attested = make(world).attest(target, new Promise(() => {}))
    attested.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(unhandled).toEqual([])
  })
})

test('a certificate whose exchange broke while nobody could look any more is told to whoever exchanged it', async () => {
  const [container] = target.containers
  if (!container) throw new RangeError('The target has no container.')
  const world = {
    runtime: { execute: async () => ({ exitCode: 1, output: '' }) },
    network: { sever: async () => 0 },
    clock: { now: () => 0 },
    doors: [],
    issue: lost,
    knock: lost,
    statusOf: lost,
    attestLimitMs: 20,
  }
  const told = { world, container, had: null, given: null }
  expect(
    await heardOf(
      (act) => attestShown(told, 'refused', act),
      () => {},
    ),
  ).toEqual([])
})
