import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../topology/docker.ts'
import type { Node } from '../topology/topology.ts'
import { readControlGroup } from './control-group.ts'
import { cpu } from './cpu.ts'
import { crash } from './crash.ts'
import { disk } from './disk.ts'
import { flap } from './flap.ts'
import type { Kind } from './kind.ts'
import { UNLIMITED_BYTES } from './limits.ts'
import { memory } from './memory.ts'
import { reload } from './reload.ts'
import { noOp, reversedEarly } from './sabotage.ts'
import { stop } from './stop.ts'
import { startTargets } from './targets.fixture.ts'

const MIB = 2 ** 20
const ENOUGH_BYTES = 96 * MIB
const MADE = {
  plain: { Tmpfs: { '/tmp': 'size=8m' } },
  withInit: { Init: true },
  restarted: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
}

let targets: Awaited<ReturnType<typeof startTargets<keyof typeof MADE>>>
beforeAll(async () => {
  targets = await startTargets(MADE)
})
afterAll(() => targets?.end())

const idOf = (node: Node): string => node.containers[0]?.id ?? ''
const restarts = async (node: Node): Promise<number> => (await targets.world.runtime.state(idOf(node))).restarts
const groupOf = (node: Node) => readControlGroup(targets.world.runtime, idOf(node))
const nothingDoubted = { inEffect: [], held: [], clear: [] }

/** From the injection to all clear; what was said against it on the way. */
const drilled = async (kind: Kind, node: Node, meanwhile = async (): Promise<void> => {}) => {
  const fault = await targets.faults.inject(kind, [node])
  const inEffect = targets.doubts('in-effect')
  await meanwhile().finally(() => fault.heal())
  return { inEffect, held: targets.doubts('heal'), clear: targets.doubts('clear') }
}

describe('a program that crashes by a signal from inside', () => {
  test('stays away where nobody starts it again, and its container ended by SIGKILL of the kernel', async () => {
    expect(await drilled(crash(targets.world), targets.nodes.plain)).toEqual(nothingDoubted)
    expect(targets.said('in-effect')).toMatch(/'die' of .*, exit code 137; .* is exited with 137;.*nobody had asked/)
  })

  test('under an init ends by a fault of its own', async () => {
    expect(await drilled(crash(targets.world), targets.nodes.withInit)).toEqual(nothingDoubted)
    expect(targets.said('in-effect')).toMatch(/exit code 139/)
  })

  test('is started again by its restart policy', async () => {
    const before = await restarts(targets.nodes.restarted)
    expect(await drilled(crash(targets.world), targets.nodes.restarted)).toEqual(nothingDoubted)
    expect(await restarts(targets.nodes.restarted)).toBe(before + 1)
    expect(targets.said('heal')).toMatch(/was started again \d times by its restart policy, and is running/)
  })
})

describe('a node whose stop goes on in the engine, though the request for it broke', () => {
  test('is started once it has ended, and is not taken for one that runs', async () => {
    const like = await docker().getContainer(idOf(targets.nodes.plain)).inspect()
    const program = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 1500)); setInterval(() => {}, 1000); console.log('ready')`
    const draining = await docker().createContainer({
      Image: like.Image,
      Cmd: ['-e', program],
      Labels: { 'firedrill.run': like.Config.Labels['firedrill.run'] ?? '' },
    })
    try {
      await draining.start()
      await once(await draining.logs({ follow: true, stdout: true }), 'data')
      const before = (await draining.inspect()).State.StartedAt
      await draining.kill({ signal: 'SIGTERM' })
      const [container] = targets.nodes.plain.containers
      if (!container) throw new RangeError('The target has no container.')
      await stop(targets.world).heal({ ...targets.nodes.plain, containers: [{ ...container, id: draining.id }] })
      const { Running, StartedAt } = (await draining.inspect()).State
      expect({ Running, isAnother: StartedAt !== before }).toEqual({ Running: true, isAnother: true })
    } finally {
      await draining.remove({ force: true })
    }
  })
})

describe('a crash that was not seen to happen', () => {
  test('leaves no program behind that would end later', async () => {
    const { plain } = targets.nodes
    const { runtime } = targets.world
    await runtime.execute(idOf(plain), ['prlimit', '--pid', '1', '--cpu=0:0'])
    await crash(targets.world).heal(plain)
    const { output } = await runtime.execute(idOf(plain), [
      'prlimit',
      '--pid',
      '1',
      '--cpu',
      '--raw',
      '--noheadings',
      '--output',
      'HARD',
    ])
    expect(output.trim()).toBe('unlimited')
  })
})

describe('a node that flaps', () => {
  test('goes down and comes up, until it is healed', async () => {
    const kind = flap(targets.world, { downMs: 100, upMs: 200 })
    expect(await drilled(kind, targets.nodes.plain)).toEqual(nothingDoubted)
    expect(targets.said('in-effect')).toMatch(/'die' at \d+ ms, 'start' at \d+ ms, 'die' at \d+ ms/)
  })
})

describe('a node short of processors', () => {
  test('has to wait for them, and has them back afterwards', async () => {
    const { plain } = targets.nodes
    const before = await groupOf(plain)
    expect(await drilled(cpu(targets.world, { cores: 0.1 }), plain)).toEqual(nothingDoubted)
    expect(await groupOf(plain)).toMatchObject({ cores: before?.cores ?? null })
    expect(targets.intended.at(-1)).toEqual({
      act: 'limits',
      container: idOf(plain),
      limits: { CpuPeriod: 100_000, CpuQuota: -1 },
    })
  })

  test('is not taken for one where nothing was limited', async () => {
    const kind = noOp(cpu(targets.world, { cores: 0.1 }))
    await expect(targets.faults.inject(kind, [targets.nodes.withInit])).rejects.toThrow(
      /nobody could attest|contradicted/,
    )
  })

  test('that got them back by itself is called out', async () => {
    const { held } = await drilled(reversedEarly(cpu(targets.world, { cores: 0.1 })), targets.nodes.plain)
    expect(held).toEqual([
      expect.stringMatching(/may use all cores/),
      expect.stringMatching(/had to wait in 0 of 0 periods/),
    ])
  })

  test('cannot have more than it has', async () => {
    const less = cpu(targets.world, { cores: 0.1 })
    const more = cpu(targets.world, { cores: 0.2 })
    const refused = async (): Promise<void> => {
      await expect(more.check?.(targets.nodes.plain)).rejects.toThrow(/may use 0.1 cores as it is.*ERR_CPU/)
    }
    expect(await drilled(less, targets.nodes.plain, refused)).toEqual(nothingDoubted)
  })
})

describe('a node short of memory', () => {
  test('lives on, and whoever asks for more in it is ended', async () => {
    const { restarted } = targets.nodes
    expect(await drilled(memory(targets.world, { bytes: ENOUGH_BYTES }), restarted)).toEqual(nothingDoubted)
    expect(targets.said('in-effect')).toMatch(/may hold 96.0 MiB.*was ended for want of memory/)
    expect((await groupOf(restarted))?.limitBytes).toBeGreaterThanOrEqual(UNLIMITED_BYTES)
  })

  test('that is given it back can be stopped and started as before', async () => {
    const container = docker().getContainer(idOf(targets.nodes.restarted))
    await container.kill()
    await container.start()
    expect((await groupOf(targets.nodes.restarted))?.limitBytes).toBeGreaterThanOrEqual(UNLIMITED_BYTES)
  })

  test('that got it back by itself is called out', async () => {
    const kind = reversedEarly(memory(targets.world, { bytes: ENOUGH_BYTES }))
    expect((await drilled(kind, targets.nodes.plain)).held).toEqual([expect.stringMatching(/may hold no limit/)])
  })

  test('is refused what it cannot live with, and nothing is touched', async () => {
    const kind = memory(targets.world, { bytes: 8 * MIB })
    await expect(targets.faults.inject(kind, [targets.nodes.plain])).rejects.toThrow(
      /it needs \d+\.\d MiB to live, expected at least that instead of 8.0 MiB.*ERR_MEMORY/,
    )
    expect((await groupOf(targets.nodes.plain))?.limitBytes).toBeGreaterThanOrEqual(UNLIMITED_BYTES)
  })
})

describe('a full disk', () => {
  test('takes no byte more from anybody, and does again afterwards', async () => {
    const { plain } = targets.nodes
    expect(await drilled(disk(targets.world), plain)).toEqual(nothingDoubted)
    expect(targets.said('in-effect')).toMatch(/0.0 MiB of 8.0 MiB are free in \/tmp;.*No space left on device/)
    expect(await targets.world.runtime.execute(idOf(plain), ['ls', '-A', '/tmp'])).toEqual({ exitCode: 0, output: '' })
    expect(targets.intended.slice(-2)).toEqual([
      { act: 'start', container: idOf(plain) },
      { act: 'delete', container: idOf(plain), path: '/tmp/.firedrill-full' },
    ])
  })

  test('that somebody made room on is called out', async () => {
    expect((await drilled(reversedEarly(disk(targets.world)), targets.nodes.plain)).held).toEqual([
      expect.stringMatching(/8.0 MiB of 8.0 MiB are free/),
      expect.stringMatching(/could be written/),
    ])
  })

  test('is refused where others would have no room either, and nothing is touched', async () => {
    await expect(targets.faults.inject(disk(targets.world), [targets.nodes.withInit])).rejects.toThrow(
      /it has no volume, .* Give it a tmpfs with a size/,
    )
    await expect(
      targets.faults.inject(disk(targets.world, { path: '/var/tmp' }), [targets.nodes.plain]),
    ).rejects.toThrow(/\/var\/tmp is overlay on \/, and others would have no room there either/)
  })
})

describe('a reload', () => {
  test('is refused where the program is no master that would read anything again, and nothing is touched', async () => {
    const { plain, withInit } = targets.nodes
    const before = await Promise.all([plain, withInit].map((node) => targets.world.runtime.state(idOf(node))))
    for (const node of [plain, withInit])
      await expect(
        targets.faults.inject(reload({ ...targets.world, answering: async () => null }), [node]),
      ).rejects.toThrow(/no master of HAProxy's.*ERR_RELOAD/)
    expect(await Promise.all([plain, withInit].map((node) => targets.world.runtime.state(idOf(node))))).toEqual(before)
  })
})
