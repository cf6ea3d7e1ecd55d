// When a rule that leaves its node within reach is clear: not before it was lifted.
import { expect, test } from 'vitest'
import { isolate } from '../isolate.ts'
import type { Kind } from '../kind.ts'
import { loss } from '../loss.ts'
import { healed, injected } from '../one-target.fixture.ts'
import { reject } from '../reject.ts'
import { inMemory, target } from './in-memory.fixture.ts'
import type { NetworkWorld } from './network.ts'

const WITHIN_REACH: readonly (readonly [string, 'connected' | 'refused', (world: NetworkWorld) => Kind])[] = [
  ['reject', 'refused', reject],
  ['isolate of established connections', 'connected', (world) => isolate(world, { connections: 'established' })],
  ['loss', 'connected', (world) => loss(world, { share: 0.3 })],
]

test.each(WITHIN_REACH)(
  '%s is clear no sooner than its rule is lifted, though its port answers all the while',
  async (_, outcome, make) => {
    const { world } = inMemory()
    let nowMs = 1000
    const clock = { now: () => ++nowMs }
    let liftedAt = 0
    const lift = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      nowMs += 1000
      liftedAt = nowMs
      return world.network.lift(name)
    }
    const kind = make({
      ...world,
      clock,
      network: { ...world.network, lift },
      probe: async () => ({ outcome, from: clock.now(), to: clock.now() }),
    })
    await injected(kind, target)
    const before = nowMs
    const { bounds } = await healed(kind, target)
    expect(bounds?.[1]).toBeGreaterThan(liftedAt)
    expect(bounds?.[0]).toBeGreaterThanOrEqual(before)
    expect(bounds?.[0]).toBeLessThan(before + 1000)
  },
)
