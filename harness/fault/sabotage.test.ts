import { describe, expect, test } from 'vitest'
import type { FaultOptions } from './fault.ts'
import { inMemory, other, target } from './in-memory.fixture.ts'
import { kill } from './kill.ts'
import type { Kind } from './kind.ts'
import { noOp, reversedEarly, sabotagedFaults, wrongTarget } from './sabotage.ts'

const injected = async (kind: Kind) => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(target, act.promise)
  await kind.inject(target).then(act.resolve, act.reject)
  return attested
}

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

/** What is not there is looked for as long as this. */
const ATTEST_LIMIT_MS = 200

describe('a sabotaged injector', () => {
  test('that does nothing leaves everything as it is, and its witnesses say so', async () => {
    const { world, running } = inMemory()
    const { evidence } = await injected(noOp(kill({ ...world, attestLimitMs: ATTEST_LIMIT_MS })))
    expect([...running.values()]).toEqual([true, true, true])
    expect(doubts(evidence)).toContain('dashboard is running')
  })

  test('that breaks another node is undone there, and its witnesses look here', async () => {
    const { world, running } = inMemory()
    const kind = wrongTarget(kill({ ...world, attestLimitMs: ATTEST_LIMIT_MS }), other)
    const { evidence } = await injected(kind)
    expect([...running.values()]).toEqual([true, true, false])
    expect(doubts(evidence)).toContain('dashboard is running')
    expect(kind.undo(target)).toEqual([{ act: 'start', container: 'other' }])
    await kind.heal(target)
    expect([...running.values()]).toEqual([true, true, true])
  })

  test('that takes it back is proven at first, and called out before the heal', async () => {
    const { world } = inMemory()
    const kind = reversedEarly(kill(world))
    const { evidence, bounds } = await injected(kind)
    expect(doubts(evidence)).toEqual([])
    expect(doubts(await kind.attestHeld(target, bounds?.[1] ?? 0))).toContain(
      "'start' of dashboard, before anybody healed it",
    )
  })
})

describe('what FIREDRILL_SABOTAGE names', () => {
  const faultsOf = (name: string | undefined) => {
    const asked: Kind[] = []
    const faults = {
      inject: async (kind: Kind, targets: readonly unknown[], _options?: FaultOptions) => {
        asked.push(kind)
        return { id: kind.kind, kind: kind.kind, targets: targets as [], heal: async () => {} }
      },
      healAll: async () => [],
      inEffect: () => [],
      broken: () => [],
    }
    return { asked, faults: sabotagedFaults(faults, name) }
  }

  test('no-op reaches every kind that is asked for', async () => {
    const { world, running } = inMemory()
    const { asked, faults } = faultsOf('no-op')
    await faults.inject(kill(world), [target])
    await asked[0]?.inject(target)
    expect([...running.values()]).toEqual([true, true, true])
  })

  test('nothing leaves the kinds as they are', async () => {
    const { world, running } = inMemory()
    const { asked, faults } = faultsOf(undefined)
    await faults.inject(kill(world), [target])
    await asked[0]?.inject(target)
    expect([...running.values()]).toEqual([false, false, true])
  })

  test('anything else is refused', () => {
    expect(() => faultsOf('typo')).toThrow(/FIREDRILL_SABOTAGE is 'typo': expected no-op/)
  })
})
