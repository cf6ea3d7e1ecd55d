import { describe, expect, test } from 'vitest'
import { target as bystander, inMemory, other } from './in-memory.fixture.ts'
import type { Kind } from './kind.ts'
import { healed, injected, said } from './one-target.fixture.ts'
import { type ReloadWorld, reload } from './reload.ts'
import { noOp, wrongTarget } from './sabotage.ts'

const balancer = {
  ...other,
  containers: other.containers.map((each) => ({ ...each, ports: { balancer: { inside: 9999 }, ...each.ports } })),
}
const MASTER = ['1 0 docker-init', '7 1 haproxy'] as const
const ANSWERS = 'worker 40 answers for other'
const LISTS = 'other has worker 40 anew; of before it has worker 8 still'
const SIGNAL = "'kill' of other with signal 12; 12 is what a master reloads by"

/** A balancer whose master, told to reload, starts worker 40 beside worker 8, which takes connections for a moment longer. */
const running = ({ isPublished = true, isWrong = false, hasCalls = true } = {}) => {
  const { world, ...rest } = inMemory()
  const now = { workers: [8], answering: [8], hasMaster: true }
  const told = async (id: string): Promise<void> => {
    await world.runtime.signal(id, 'SIGUSR2')
    if (isWrong || id !== 'other') return
    now.workers = hasCalls ? [8, 40] : [40]
    now.answering = [40, 8, 8, 40]
  }
  const list = (): string => [...MASTER, ...now.workers.map((pid) => `${pid} 7 haproxy`)].join('\n')
  const reloading: ReloadWorld = {
    ...world,
    attestLimitMs: 100,
    runtime: {
      ...world.runtime,
      signal: told,
      execute: async () => ({ exitCode: 0, output: now.hasMaster ? list() : '1 0 docker-init\n7 1 haproxy\n' }),
    },
    answering: async () =>
      isPublished ? ((now.answering.length > 1 ? now.answering.shift() : now.answering[0]) ?? null) : null,
  }
  return { ...rest, world: reloading, now }
}

/** Checks and injects it: who attested what. */
const reloaded = async (kind: Kind) => {
  await kind.check?.(balancer)
  return injected(kind, balancer)
}

describe('a reload', () => {
  test('is attested by who answers, by the processes, and by the engine, once the worker before takes nothing', async () => {
    const kind = reload(running().world)
    const attestation = await reloaded(kind)
    expect([said(attestation, true), said(attestation, false)]).toEqual([[ANSWERS, LISTS, SIGNAL], []])
    expect(attestation.bounds).not.toBeNull()
    expect(await kind.attestHeld(balancer, 0)).toMatchObject([{ said: ANSWERS, confirms: true }])
  })

  test('is one, too, where the worker before had nothing to finish', async () => {
    const attestation = await reloaded(reload(running({ hasCalls: false }).world))
    expect(said(attestation, true)).toContain('other has worker 40 anew; of before worker 8 is gone')
  })

  test('is clear when callers’ own port takes connections, and the worker before may finish what it has', async () => {
    const kind = reload(running().world)
    await reloaded(kind)
    const attestation = await healed(kind, balancer)
    expect(said(attestation, true)).toEqual([expect.stringMatching(/other port 9080: connected/), ANSWERS])
    expect(said(attestation, false)).toEqual([])
  })

  test('is attested by the processes and the engine where nobody can ask who answers', async () => {
    const attestation = await reloaded(reload(running({ isPublished: false }).world))
    expect([said(attestation, true), said(attestation, false)]).toEqual([[ANSWERS, LISTS, SIGNAL], []])
  })

  test('of a configuration that its master does not take is contradicted', async () => {
    const attestation = await reloaded(reload(running({ isWrong: true }).world))
    expect(said(attestation, false)).toEqual([
      'worker 8 answers for other',
      'other has no worker anew; of before it has worker 8 still',
    ])
    expect(attestation.bounds).toBeNull()
  })

  test('that was a restart is contradicted, though another worker answers', async () => {
    const { world, now } = running()
    const restart = async (): Promise<void> => {
      await world.runtime.stop('other')
      await world.runtime.start('other')
      now.workers = [9]
      now.answering = [9]
    }
    const attestation = await reloaded({ ...reload(world), inject: restart })
    expect(said(attestation, true)).toContain('worker 9 answers for other')
    expect(said(attestation, false)).toEqual([
      'no signal to other within 0.1 s',
      'other was started at start 1, and not at start 0 as before: it was restarted, and not reloaded',
    ])
  })

  test('after which the worker before takes connections again did not hold, and is not clear', async () => {
    const { world, now } = running()
    const kind = reload(world)
    await reloaded(kind)
    now.answering = [8]
    expect(await kind.attestHeld(balancer, 0)).toMatchObject([{ said: 'worker 8 answers for other', confirms: false }])
    expect(said(await healed(kind, balancer), false)).toEqual(['worker 8 answers for other'])
  })

  test.each<[string, (kind: Kind) => Kind]>([
    ['that did nothing', noOp],
    ['of another balancer', (kind) => wrongTarget(kind, bystander)],
  ])('%s is attested by nobody', async (_, sabotage) => {
    expect(said(await reloaded(sabotage(reload(running().world))), true)).toEqual([])
  })

  test('is refused, and nothing is touched, where nobody would read the configuration again', async () => {
    const { world, now } = running()
    now.hasMaster = false
    await expect(reload(world).check?.(balancer)).rejects.toThrow(
      /Refused reload of other: .*Start HAProxy with -W.*or use restart.*ERR_RELOAD/,
    )
    expect(await world.engine.saw('other', 'kill', 0, 0)).toBeNull()
  })

  test('leaves nothing to undo', () => {
    expect(reload(running().world).undo(balancer)).toEqual([])
  })
})
