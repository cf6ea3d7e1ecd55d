import { describe, expect, test } from 'vitest'
import type { Kind } from './kind.ts'
import type { Lifted, Network, NetworkWorld, Tally } from './network/network.ts'
import { bystander, healed, injected, said, target } from './one-target.fixture.ts'
import { noOp, wrongTarget } from './sabotage.ts'
import { slow } from './slow.ts'

/** Two containers whose packets take 1 ms, or as much more as their links make of it, and are counted but for `counted`. */
const inMemory = (overrides: Partial<Network> = {}, counted: Partial<Tally> = {}) => {
  const fresh = () => ({
    life: 1,
    isUp: true,
    byMs: 0,
    onlyFresh: false,
    isKeptEnded: false,
    /** What its server needs for an answer as long as nothing is laid on it. */
    busyMs: 0,
    tally: null as Tally | null,
  })
  const places = { gateway: fresh(), bystander: fresh() }
  const at = (name: string) => places[name as keyof typeof places]
  let nowMs = 1000
  const travel = (name: string, limitMs: number, isFresh: boolean): boolean => {
    const { isUp, byMs, onlyFresh, busyMs, tally } = at(name)
    if (tally) at(name).tally = { ...tally, came: tally.came + 1 }
    const tookMs = 1 + (isFresh || !onlyFresh ? byMs : 0) + (isFresh || tally ? 0 : busyMs)
    nowMs += Math.min(tookMs, limitMs)
    return isUp && tookMs <= limitMs
  }
  const network: Network = {
    async impose(name, { parameters }) {
      nowMs += 1
      Object.assign(at(name), { byMs: parameters.delay, tally: { came: 0, went: 0, kept: 0, passed: 0 } })
    },
    count: async (name) => {
      nowMs += 1
      const { tally } = at(name)
      return tally && { ...tally, ...counted }
    },
    reach: async () => null,
    async lift(name): Promise<Lifted> {
      const { tally } = at(name)
      Object.assign(at(name), { byMs: 0, tally: null })
      return tally ? { outcome: 'counted', tally } : { outcome: 'uncounted', because: 'its helper was killed' }
    },
    look: async (name) => at(name).tally !== null,
    sever: async () => 0,
    livesSince: async (name) => `life ${at(name).life}`,
    settled: async () => {},
    ...overrides,
  }
  const world = {
    run: 'r',
    network,
    clock: { now: () => nowMs },
    attestLimitMs: 30,
    probe: async (name, _, limitMs) => {
      const from = nowMs
      const isMade = travel(name, limitMs, true)
      return { outcome: isMade ? 'connected' : 'timed-out', from, to: nowMs }
    },
    keep: async (name) => ({
      ask: async (limitMs) => {
        if (at(name).isKeptEnded) return 'reset'
        return travel(name, limitMs, false) ? 'answered' : 'silent'
      },
      draw: () => Promise.reject(new Error('Nobody draws here.')),
      close: () => {},
    }),
  } satisfies NetworkWorld
  return { world, at }
}

describe('a node that is slow by 50 ms', () => {
  test('is so by the word of new connections, of one that was open before, and of the packets’ count', async () => {
    const attestation = await injected(slow(inMemory().world, { byMs: 50 }))
    expect(said(attestation, false)).toEqual([])
    expect(said(attestation, true).join('\n')).toMatch(
      /no connection within 41 ms, twice.*\n.*a new connection took 51.0 ms at the fastest, and took 1.0 ms before\n.*open before took 51.0 ms.*\n.*the rule hit/,
    )
    const [from = 0, to = 0] = attestation.bounds ?? []
    expect(to - from).toBeLessThanOrEqual(100)
  })

  test('is so where its server was busy before, up to 20 ms, and in doubt where it was busier', async () => {
    const busyBy = async (busyMs: number) => {
      const { world, at } = inMemory()
      at('gateway').busyMs = busyMs
      return said(await injected(slow(world, { byMs: 50 })), false).join()
    }
    expect(await busyBy(15)).toBe('')
    expect(await busyBy(40)).toMatch(/open before took 51.0 ms at the fastest, and took 41.0 ms before/)
  })

  test('is so where its server was busier still, for a moment: what it took then is no measure, and is taken again', async () => {
    const { world, at } = inMemory()
    at('gateway').busyMs = 200
    let asked = 0
    const keep: NonNullable<NetworkWorld['keep']> = async (name) => {
      const kept = await world.keep(name)
      const ask: typeof kept.ask = (limitMs) => {
        asked += 1
        if (asked > 6) at(name).busyMs = 0
        return kept.ask(limitMs)
      }
      return { ...kept, ask }
    }
    const attestation = await injected(slow({ ...world, keep }, { byMs: 50 }))
    expect(said(attestation, false)).toEqual([])
    expect(said(attestation, true).join()).toMatch(/open before took 51.0 ms at the fastest, and took 1.0 ms before/)
  })

  test('is known of new connections alone where nobody keeps one, and that is said', async () => {
    const { keep: _, ...world } = inMemory().world
    const attestation = await injected(slow(world, { byMs: 50 }))
    expect(said(attestation, false)).toEqual([])
    expect(said(attestation, true).join()).toMatch(/so nothing is known of established ones/)
  })

  test.each([
    ['nothing was done', (kind: Kind) => noOp(kind)],
    ['another node was slowed', (kind: Kind) => wrongTarget(kind, bystander)],
  ])('is not believed where %s', async (_, sabotage) => {
    const attestation = await injected(sabotage(slow(inMemory().world, { byMs: 50 })))
    expect(attestation.bounds).toBeNull()
    expect(said(attestation, true)).toEqual([])
    expect(said(attestation, false).join()).toMatch(/nobody holds a slow link there/)
  })

  test.each([30, 90])('is not believed where it is slow by %i ms', async (byMs) => {
    const { world, at } = inMemory()
    const { impose } = world.network
    const network: Network = {
      ...world.network,
      impose: async (name, rule) => {
        await impose(name, rule)
        at(name).byMs = byMs
      },
    }
    const attestation = await injected(slow({ ...world, network }, { byMs: 50 }))
    expect(said(attestation, false).join()).toMatch(new RegExp(`a new connection took ${byMs + 1}.0 ms`))
  })

  test('is not believed where connections that were open before are quick', async () => {
    const { world, at } = inMemory()
    at('gateway').onlyFresh = true
    expect(said(await injected(slow(world, { byMs: 50 })), false).join()).toMatch(/open before took 1.0 ms/)
  })

  test('is not believed where it is slow and no packet was counted, nor where one got past', async () => {
    const none = inMemory({}, { came: 0 }).world
    expect(said(await injected(slow(none, { byMs: 50 })), false).join()).toMatch(/hit 0 packets/)
    const past = inMemory({}, { passed: 1 }).world
    expect(said(await injected(slow(past, { byMs: 50 })), false).join()).toMatch(/let 1 through/)
  })

  test('is not believed of a node that answered nobody before', async () => {
    const { world, at } = inMemory()
    at('gateway').isUp = false
    expect(said(await injected(slow(world, { byMs: 50 })), false).join()).toMatch(/a new connection did not come about/)
  })

  test('is held while nobody undoes it, and not where somebody did, or where it was restarted', async () => {
    const { world, at } = inMemory()
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false)).toEqual([])
    at('gateway').life = 2
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false).join()).toMatch(/ended with that life/)
    await world.network.lift('gateway')
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false).join()).toMatch(/took 1.0 ms.*nobody holds/)
  })
})

describe('a server that ends the connection that was open before', () => {
  test('while it is slow leaves new ones to speak, and says so', async () => {
    const { world, at } = inMemory()
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    at('gateway').isKeptEnded = true
    const held = { evidence: await kind.attestHeld(target, 0) }
    const clear = await healed(kind)
    expect([...said(held, false), ...said(clear, false)]).toEqual([])
    expect([said(held, true).join(), said(clear, true).join()]).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/has ended the connection that was open before/)),
    )
  })

  test('as the link comes about leaves nobody to say that established ones are hit', async () => {
    const { world, at } = inMemory()
    const { impose } = world.network
    const network: Network = {
      ...world.network,
      impose: async (name, rule) => {
        await impose(name, rule)
        at(name).isKeptEnded = true
      },
    }
    const attestation = await injected(slow({ ...world, network }, { byMs: 50 }))
    expect(said(attestation, false).join()).toMatch(/has ended the connection that was open before/)
  })
})

describe('a node that is slow no more', () => {
  test('takes what it took before, and nothing of ours is there', async () => {
    const kind = slow(inMemory().world, { byMs: 50 })
    await injected(kind)
    const attestation = await healed(kind)
    expect(said(attestation, false)).toEqual([])
    expect(attestation.bounds).not.toBeNull()
  })

  test('is not believed where the heal did nothing', async () => {
    const tally = { came: 1, went: 0, kept: 0, passed: 0 }
    const kind = slow(inMemory({ lift: async () => ({ outcome: 'counted', tally }) }).world, { byMs: 50 })
    await injected(kind)
    const attestation = await healed(kind)
    expect(said(attestation, false).join()).toMatch(/a new connection took 51.0 ms.*sees a table of ours/)
    expect(attestation.left).toEqual(['gateway: a new helper in its namespace sees a table of ours'])
  })

  test('is doubted where its helper was gone before: nobody knows how long it was slow', async () => {
    const { world } = inMemory()
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    await world.network.lift('gateway')
    expect(said(await healed(kind), false).join()).toMatch(/nobody knows how long the rule held: its helper was killed/)
  })
})

test('whoever finds it lifts what is there of each container', () => {
  expect(slow(inMemory().world, { byMs: 50 }).undo(target)).toEqual([{ act: 'lift', container: 'gateway', run: 'r' }])
})

test.each([
  [{ byMs: 4 }, /byMs is 4, expected whole ms from 5 to 5000/],
  [{ byMs: 50.5 }, /byMs is 50.5/],
  [{ byMs: 6000 }, /byMs is 6000/],
  [{ byMs: 50, jitterMs: -1 }, /jitterMs is -1, expected whole ms from 0 to 5000/],
])('times that are none are refused: %o', (options, why) => {
  expect(() => slow(inMemory().world, options)).toThrow(why)
})
