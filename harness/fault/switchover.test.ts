import { describe, expect, test } from 'vitest'
import type { Attestation, Kind } from './kind.ts'
import { first, patroniInMemory, second } from './patroni.fixture.ts'
import { noOp, reversedEarly } from './sabotage.ts'
import { switchover } from './switchover.ts'

const injected = async (kind: Kind): Promise<Attestation> => {
  await kind.check?.(first)
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(first, act.promise)
  await kind.inject(first).then(act.resolve, act.reject)
  return attested
}

const healed = async (kind: Kind): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attestClear(first, act.promise)
  await kind.heal(first).then(act.resolve, act.reject)
  return attested
}

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('a switchover', () => {
  test('is in effect once another member takes writes on a higher timeline, says everybody but Patroni’s answer', async () => {
    const { world } = patroniInMemory()
    const { evidence, bounds } = await injected(switchover(world))
    expect(evidence.map(({ source, said, confirms }) => [source, said, confirms])).toEqual([
      [
        'probe from inside',
        'database-1 does not lead; database-2 leads, on timeline 2: each asked for /primary from a container on the same network',
        true,
      ],
      ['PostgreSQL', 'database-1 is in recovery', true],
      ['PostgreSQL', 'database-2 takes writes, on timeline 2', true],
      ['balancer state', 'primary gives connections to database-2 alone', true],
    ])
    expect(bounds).not.toBeNull()
  })

  test('has nothing to undo, and healing it leaves the roles as they are', async () => {
    const { world, standing } = patroniInMemory()
    const kind = switchover(world)
    await injected(kind)
    expect(doubts(await kind.attestHeld(first, 0))).toEqual([])
    const { evidence } = await healed(kind)
    expect([kind.undo(first), standing.leader, doubts(evidence)]).toEqual([[], 'database-2', []])
    expect(evidence[0]?.said).toBe('database-1 is synchronous standby; database-2 is primary')
  })

  test('with a way back is clear when the target leads again, and a second heal does nothing', async () => {
    const { world, standing } = patroniInMemory()
    const kind = switchover(world, { back: true })
    await injected(kind)
    expect(doubts((await healed(kind)).evidence)).toEqual([])
    await kind.heal(first)
    expect([standing.leader, standing.timeline]).toEqual(['database-1', 3])
  })

  test('that a balancer does not follow is in effect all the same: that is the deployment’s failure', async () => {
    const { world, standing } = patroniInMemory()
    standing.isBalancerFixed = true
    const clock = { now: () => performance.now() }
    const { evidence } = await injected(switchover({ ...world, clock }))
    expect([doubts(evidence), evidence.some(({ source }) => source === 'balancer state')]).toEqual([[], false])
  })
})

describe('a switchover is refused', () => {
  test('of a standby, and says who leads', async () => {
    const { world } = patroniInMemory()
    await expect(switchover(world).check?.(second)).rejects.toThrow(
      /database-2: it is not the primary \(database-1 leads, on timeline 1; database-2 does not lead\).*ERR_SWITCHOVER/,
    )
  })

  test.each(['isInSync', 'isTorn'] as const)('where no standby is in sync: %s', async (what) => {
    const { world, standing } = patroniInMemory()
    standing[what] = !standing[what]
    await expect(switchover(world).check?.(first)).rejects.toThrow(/nobody could take over without loss/)
  })

  test('by a Patroni that would not, in its own words', async () => {
    const { world } = patroniInMemory()
    await expect(switchover(world).inject(second)).rejects.toThrow(/status 412, leader name does not match/)
  })
})

describe('a switchover is called out', () => {
  test('where nothing was done', async () => {
    const { world } = patroniInMemory()
    const { evidence, bounds } = await injected(noOp(switchover(world)))
    expect([bounds, doubts(evidence)]).toEqual([null, [expect.stringMatching(/database-1 leads, on timeline 1/)]])
  })

  test('where Patroni says yes and does nothing', async () => {
    const { world, standing } = patroniInMemory()
    standing.isDeaf = true
    expect(doubts((await injected(switchover(world))).evidence)).not.toEqual([])
  })

  test('where another member leads, and nobody was promoted', async () => {
    const { world, standing } = patroniInMemory()
    const moved: Kind = {
      ...switchover(world),
      inject: async () => {
        standing.leader = 'database-2'
      },
    }
    expect(doubts((await injected(moved)).evidence)).not.toEqual([])
  })

  test('where the former primary is silent: it may have been killed', async () => {
    const { world, standing } = patroniInMemory()
    const kind = switchover(world)
    await kind.check?.(first)
    const killed: Kind = {
      ...kind,
      inject: async () => {
        standing.silent.add('database-1')
        standing.leader = 'database-2'
        standing.timeline = 2
      },
    }
    expect(doubts((await injected({ ...killed, check: async () => {} })).evidence)).not.toEqual([])
  })

  test('where the role went back before the heal', async () => {
    const { world } = patroniInMemory()
    const kind = reversedEarly(switchover(world, { back: true }))
    expect(doubts((await injected(kind)).evidence)).toEqual([])
    expect(doubts(await kind.attestHeld(first, 0))).toContainEqual(
      expect.stringMatching(/database-1 leads, on timeline 3/),
    )
  })

  test('where the role went back and over once more: the timeline tells', async () => {
    const { world, standing } = patroniInMemory()
    const kind = switchover(world)
    await injected(kind)
    standing.timeline += 2
    expect(doubts(await kind.attestHeld(first, 0))).toEqual([
      expect.stringMatching(/^database-1 does not lead; database-2 leads, on timeline 4: /),
      'database-2 takes writes, on timeline 4',
    ])
  })
})
