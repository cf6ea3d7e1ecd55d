import { describe, expect, test } from 'vitest'
import { bandwidth } from './bandwidth.ts'
import type { Kind } from './kind.ts'
import type { Drawn, Kept, Lifted, Network, NetworkWorld, Queue, Tally } from './network/network.ts'
import { bystander, healed, injected, said, target } from './one-target.fixture.ts'
import { noOp, wrongTarget } from './sabotage.ts'

const ANSWER_BYTES = 250
const OPEN_KBIT = 100_000

/** Two containers that send at 100 Mbit/s, or as their queues let them; `counted` is what the queue says besides. */
const inMemory = (
  overrides: Partial<Network> = {},
  counted: { tally?: Partial<Tally>; queue?: Partial<Queue> } = {},
) => {
  const fresh = () => ({
    life: 1,
    isUp: true,
    byNatureKbit: OPEN_KBIT,
    keptKbit: null as number | null,
    laid: null as { kbit: number; burst: number; bytes: number; waits: number } | null,
  })
  const places = { gateway: fresh(), bystander: fresh() }
  const at = (name: string) => places[name as keyof typeof places]
  let nowMs = 1000
  const draw = (name: string, answers: number, isFresh: boolean): Promise<Drawn> => {
    const place = at(name)
    const bytes = answers * ANSWER_BYTES
    const limit = isFresh ? place.laid?.kbit : (place.keptKbit ?? place.laid?.kbit)
    const burst = place.laid?.burst ?? 0
    const from = nowMs
    nowMs += limit ? (Math.max(0, bytes - burst) * 8) / limit : (bytes * 8) / place.byNatureKbit
    if (place.laid) place.laid = { ...place.laid, bytes: place.laid.bytes + bytes, waits: place.laid.waits + 1 }
    return Promise.resolve({ outcome: place.isUp ? 'answered' : 'silent', bytes, from, to: nowMs })
  }
  const tallyOf = (name: string): Tally | null => {
    const { laid } = at(name)
    if (!laid) return null
    const queue = { bytesPerSecond: laid.kbit * 125, bytes: laid.bytes, waits: laid.waits, ...counted.queue }
    return { came: 0, went: laid.waits, kept: 0, passed: 0, ...counted.tally, queue }
  }
  const network: Network = {
    async impose(name, { parameters }) {
      nowMs += 1
      at(name).laid = { kbit: Number(parameters.rate), burst: Number(parameters.burst), bytes: 0, waits: 0 }
    },
    count: async (name) => {
      nowMs += 1
      return tallyOf(name)
    },
    reach: async () => null,
    async lift(name): Promise<Lifted> {
      const tally = tallyOf(name)
      at(name).laid = null
      return tally ? { outcome: 'counted', tally } : { outcome: 'uncounted', because: 'its helper was killed' }
    },
    look: async (name) => at(name).laid !== null,
    sever: async () => 0,
    livesSince: async (name) => `life ${at(name).life}`,
    settled: async () => {},
    ...overrides,
  }
  let made = 0
  const world = {
    run: 'r',
    network,
    clock: { now: () => nowMs },
    attestLimitMs: 30,
    probe: async () => ({ outcome: 'connected' as const, from: nowMs, to: nowMs }),
    keep: async (name) => {
      made += 1
      // The first is the one that was open before.
      const isFresh = made > 1
      return {
        ask: async () => (at(name).isUp ? 'answered' : 'silent'),
        draw: (answers) => draw(name, answers, isFresh),
        close: () => {},
      }
    },
  } satisfies NetworkWorld
  return { world, at }
}

const RATE = { kbitPerSecond: 1000 }

describe('a node whose bandwidth is 1000 kbit/s', () => {
  test('is limited by the word of a new connection, of one that was open before, and of its queue', async () => {
    const attestation = await injected(bandwidth(inMemory().world, RATE))
    expect(said(attestation, false)).toEqual([])
    expect(said(attestation, true).join('\n')).toMatch(
      /a new connection took 250 ms for 36250 bytes, which take 225 at the least .*, and took 3 ms before\n.*open before took 250 ms.*\n.*lets 1000 kbit\/s out, has sent 72500 bytes, and made packets wait 2 times/,
    )
    expect(attestation.bounds).not.toBeNull()
  })

  test('is known of new connections alone where nobody keeps one open, and that is said', async () => {
    const { world } = inMemory()
    const { keep } = world
    const closing = async (name: string): Promise<Kept> => ({ ...(await keep(name)), ask: async () => 'reset' })
    const attestation = await injected(bandwidth({ ...world, keep: closing }, RATE))
    expect(said(attestation, false)).toEqual([])
    expect(said(attestation, true).join()).toMatch(/so nothing is known of established ones/)
  })

  test.each([
    ['nothing was done', (kind: Kind) => noOp(kind)],
    ['another node was limited', (kind: Kind) => wrongTarget(kind, bystander)],
  ])('is not believed where %s', async (_, sabotage) => {
    const attestation = await injected(sabotage(bandwidth(inMemory().world, RATE)))
    expect(attestation.bounds).toBeNull()
    expect(said(attestation, true)).toEqual([])
    expect(said(attestation, false).join()).toMatch(/nobody holds a queue there/)
  })

  test('is not believed where connections that were open before are as fast as ever', async () => {
    const { world, at } = inMemory()
    at('gateway').keptKbit = OPEN_KBIT
    expect(said(await injected(bandwidth(world, RATE)), false).join()).toMatch(/open before took 3 ms/)
  })

  test('is not believed of a node that was as slow before', async () => {
    const { world, at } = inMemory()
    at('gateway').byNatureKbit = 1800
    expect(said(await injected(bandwidth(world, RATE)), false).join()).toMatch(/too slow as it was to tell the limit/)
  })

  test.each([
    ['its queue is of another rate', { queue: { bytesPerSecond: 1 } }],
    ['its queue made nothing wait', { queue: { waits: 0 } }],
    ['nothing was handed to its queue', { tally: { went: 0 } }],
    ['a packet went past its queue', { tally: { passed: 1 } }],
  ])('is not believed where %s', async (_, counted) => {
    const attestation = await injected(bandwidth(inMemory({}, counted).world, RATE))
    expect(attestation.bounds).toBeNull()
    expect(said(attestation, false)).toHaveLength(1)
    expect(said(attestation, false).join()).toMatch(/its queue lets .* out/)
  })

  test('is not believed of a node that gives no answer', async () => {
    const { world, at } = inMemory()
    at('gateway').isUp = false
    expect(said(await injected(bandwidth(world, RATE)), false).join()).toMatch(/did not give the answers/)
  })

  test('is held while its queue goes on counting, and not where that counts from nothing, or the node was restarted', async () => {
    const { world, at } = inMemory()
    const kind = bandwidth(world, RATE)
    await injected(kind)
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false)).toEqual([])
    await world.network.impose('gateway', { name: 'bandwidth', parameters: { rate: 1000, burst: 5000 } })
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false).join()).toMatch(/has sent 36250 bytes/)
    at('gateway').life = 2
    expect(said({ evidence: await kind.attestHeld(target, 0) }, false).join()).toMatch(/ended with that life/)
  })
})

describe('a node whose bandwidth is limited no more', () => {
  test('sends as it did before, and nothing of ours is there', async () => {
    const kind = bandwidth(inMemory().world, RATE)
    await injected(kind)
    const attestation = await healed(kind)
    expect(said(attestation, false)).toEqual([])
    expect(attestation.bounds).not.toBeNull()
  })

  test('is not believed where the heal did nothing', async () => {
    const tally = { came: 0, went: 1, kept: 0, passed: 0 }
    const kind = bandwidth(inMemory({ lift: async () => ({ outcome: 'counted', tally }) }).world, RATE)
    await injected(kind)
    const attestation = await healed(kind)
    expect(attestation.bounds).toBeNull()
    expect(said(attestation, false).join('\n')).toMatch(/a new connection took 250 ms.*\n.*a table of ours/)
    expect(attestation.left).toEqual(['gateway: a new helper in its namespace sees a table of ours'])
  })

  test('is told of a queue that was gone before', async () => {
    const { world } = inMemory()
    const kind = bandwidth(world, RATE)
    await injected(kind)
    await world.network.lift('gateway')
    expect(said(await healed(kind), false).join()).toMatch(/nobody knows how long the rule held/)
  })
})

describe('before anything is changed', () => {
  test.each([63, 4001, 1000.5, Number.NaN])('%d kbit/s is refused, with the range', (kbitPerSecond) => {
    expect(() => bandwidth(inMemory().world, { kbitPerSecond })).toThrow(
      /kbitPerSecond is .*, expected a whole number from 64 to 4000.*ERR_FAULT_OPTION/,
    )
  })

  test.each([64, 4000])('%d kbit/s is taken', (kbitPerSecond) => {
    expect(bandwidth(inMemory().world, { kbitPerSecond }).asked).toEqual({ kbitPerSecond })
  })

  test('a node that nobody can measure is refused, with what to do instead; one that answers is not', async () => {
    const { world } = inMemory()
    const kind = bandwidth(world, RATE)
    await expect(kind.check?.(target)).resolves.toBeUndefined()
    const ports = { postgres: { inside: 5432 } }
    const silent = { ...target, containers: target.containers.map((each) => ({ ...each, ports })) }
    await expect(kind.check?.(silent)).rejects.toThrow(/Use slow or lose instead.*ERR_BANDWIDTH/)
  })
})
