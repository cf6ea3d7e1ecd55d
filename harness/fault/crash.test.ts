import { describe, expect, test } from 'vitest'
import { contradictions } from './attestations.ts'
import { crash } from './crash.ts'
import { inMemory, target } from './in-memory.fixture.ts'
import type { Kind } from './kind.ts'
import type { ContainerSettings } from './runtime.ts'

const crashed = async (kind: Kind) => {
  await kind.check?.(target)
  const injected = Promise.withResolvers<void>()
  const attested = kind.attest(target, injected.promise)
  await kind.inject(target).then(injected.resolve, injected.reject)
  return attested
}

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('a crash', () => {
  test('is an end that nobody had asked the engine for', async () => {
    const { world } = inMemory()
    const { evidence } = await crashed(crash(world))
    expect(doubts(evidence)).toEqual([])
    expect(evidence.map(({ said }) => said)).toContain('dashboard ended and nobody had asked the engine for it')
  })

  test('is contradicted by an end that somebody had asked the engine for', async () => {
    const { world } = inMemory()
    const inject: Kind['inject'] = async ({ containers }) => {
      for (const { id } of containers) await world.runtime.kill(id)
    }
    const { evidence } = await crashed({ ...crash(world), inject })
    expect(doubts(evidence)).toContain("'kill' of dashboard: it was ended from outside, and did not crash")
  })

  test('is contradicted by such an end also where the program listens on for a while before it is gone', async () => {
    const { world, end } = inMemory()
    const inject: Kind['inject'] = async ({ containers }) => {
      for (const { id } of containers) {
        await world.runtime.signal(id, 'SIGUSR2')
        await new Promise((resolve) => setTimeout(resolve, 30))
        end(id, 0)
      }
    }
    const attested = await crashed({ ...crash(world), inject })
    expect(contradictions([attested]).join()).toContain('it was ended from outside, and did not crash')
  })

  test('is refused before anything is touched where no signal from inside arrives', async () => {
    const { world, executed, running } = inMemory()
    const settings = async (name: string): Promise<ContainerSettings> => ({
      ...(await world.runtime.settings(name)),
      hasInit: false,
    })
    const execute = async (name: string, command: readonly string[]) => {
      executed.push(`${name}: ${command.join(' ')}`)
      return { exitCode: 127, output: 'prlimit: not found' }
    }
    const kind = crash({ ...world, runtime: { ...world.runtime, settings, execute } })
    await expect(kind.check?.(target)).rejects.toThrow(/crash of dashboard: .*Set 'init: true'.*ERR_CRASH/)
    expect(executed.filter((each) => !each.includes('/proc/[0-9]*/status'))).toEqual(
      target.containers.map(({ id }) => `${id}: prlimit --pid 1 --cpu`),
    )
    expect([...running.values()]).toEqual([true, true, true])
  })

  test.each([
    ['a try outlasts the engine’s word', 250, (died: number) => died],
    ['the engine hears of it later', 0.5, (_died: number, lastsMs: number) => lastsMs],
  ])('whose listener is too busy to answer may have come late: %s', async (_when, lastsMs, byThen) => {
    const { world } = inMemory()
    const from = world.clock.now()
    const probe: typeof world.probe = async (address, port, limit) => {
      const { outcome, ...when } = await world.probe(address, port, limit)
      return { ...when, outcome: outcome === 'connected' ? 'timed-out' : outcome, to: when.from + lastsMs }
    }
    const { evidence, bounds } = await crashed(crash({ ...world, probe }))
    const died = Math.max(...evidence.filter(({ said }) => said.startsWith("'die'")).map(({ at }) => at))
    expect(bounds?.[0]).toBeLessThan(from + 5)
    expect(bounds?.[1]).toBe(byThen(died, (bounds?.[0] ?? 0) + lastsMs))
  })

  test('that is over before the heal is called out', async () => {
    const { world } = inMemory()
    const kind = crash(world)
    const { bounds } = await crashed(kind)
    await world.runtime.start('dashboard')
    expect(doubts(await kind.attestHeld(target, bounds?.[1] ?? 0))).toContain(
      "'start' of dashboard, before anybody healed it",
    )
  })
})
