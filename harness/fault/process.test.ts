import { describe, expect, test } from 'vitest'
import type { Container } from '../topology/topology.ts'
import { inMemory, target } from './in-memory.fixture.ts'
import { kill } from './kill.ts'
import { pause } from './pause.ts'
import { attestBack, attestGone } from './process.ts'
import type { Ask, Probe } from './runtime.ts'
import { stop } from './stop.ts'

const doubts = (evidence: readonly { confirms: boolean; said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

describe('witnesses of a stop', () => {
  test('every container has its listener, its event and its state on record, and the instant is bounded', async () => {
    const { world } = inMemory()
    const injected = Promise.withResolvers<void>()
    const attested = stop(world).attest(target, injected.promise)
    await stop(world).inject(target).then(injected.resolve)
    const { evidence, bounds } = await attested
    expect(doubts(evidence)).toEqual([])
    expect(Map.groupBy(evidence, (each) => each.source).size).toBe(3)
    expect(bounds?.[0]).toBeLessThanOrEqual(bounds?.[1] ?? 0)
  })

  test('an exit by SIGKILL contradicts a graceful stop', async () => {
    const { world, running, exitCodes } = inMemory()
    running.set('dashboard', false)
    running.set('dp-manager', false)
    exitCodes.set('dashboard', 137)
    const { evidence } = await attestGone(world, target, Promise.resolve(), { graceful: true })
    expect(doubts(evidence)).toContain('dashboard exited by SIGKILL: it was not a graceful stop')
  })

  test('the same exit confirms a kill', async () => {
    const { world } = inMemory()
    const injected = Promise.withResolvers<void>()
    const attested = kill(world).attest(target, injected.promise)
    await kill(world).inject(target).then(injected.resolve)
    expect(doubts((await attested).evidence)).toEqual([])
  })

  test('a container that still runs is told apart from its neighbour that does not', async () => {
    const { world, running } = inMemory()
    running.set('dashboard', false)
    const brief = { ...world, attestLimitMs: 200 }
    const { evidence } = await attestGone(brief, target, Promise.resolve(), { graceful: false })
    expect(doubts(evidence)).toContain('dp-manager is running')
  })

  test('a listener that is never silent contradicts an engine that says its container is gone', async () => {
    const { world, running } = inMemory()
    const probe: Probe = async () => ({ outcome: 'connected', from: world.clock.now(), to: world.clock.now() })
    running.set('dashboard', false)
    running.set('dp-manager', false)
    const brief = { ...world, probe, attestLimitMs: 100 }
    const { evidence, bounds } = await attestGone(brief, target, Promise.resolve(), { graceful: false })
    expect(doubts(evidence)).toContain(
      'dp-manager takes connections still, 0.1 s later, for a container on the same network',
    )
    expect(bounds).toBeNull()
  })

  test('a container that nobody can try is not held to have taken connections', async () => {
    const { world } = inMemory()
    const [dashboard] = target.containers
    const node = { ...target, containers: [{ ...dashboard, ports: {} } as Container] }
    const injected = Promise.withResolvers<void>()
    const attested = kill({ ...world, attestLimitMs: 100 }).attest(node, injected.promise)
    await kill(world).inject(node).then(injected.resolve)
    expect(doubts((await attested).evidence)).toEqual([])
  })
})

describe('witnesses of a freeze', () => {
  const frozen = async () => {
    const { world } = inMemory()
    const injected = Promise.withResolvers<void>()
    const attested = pause(world).attest(target, injected.promise)
    await pause(world).inject(target).then(injected.resolve)
    return { world, attestation: await attested }
  }

  test('an answer that stays away, the engine and the state say so of every container, and the instant is bounded', async () => {
    const { evidence, bounds } = (await frozen()).attestation
    expect(doubts(evidence)).toEqual([])
    expect(Map.groupBy(evidence, (each) => each.source).size).toBe(3)
    expect(bounds).not.toBeNull()
  })

  test('a thaw is seen by the same three', async () => {
    const { world } = await frozen()
    const healed = Promise.withResolvers<void>()
    const attested = pause(world).attestClear(target, healed.promise)
    await pause(world).heal(target).then(healed.resolve)
    const { evidence } = await attested
    expect(doubts(evidence)).toEqual([])
    expect(evidence).toHaveLength(6)
  })

  test('a container that stands still after the heal is what is left of the freeze', async () => {
    const { world } = await frozen()
    const unpause = async (id: string) => (id === 'dashboard' ? world.runtime.unpause(id) : undefined)
    const refusing = { ...world, attestLimitMs: 50, runtime: { ...world.runtime, unpause } }
    const healed = Promise.withResolvers<void>()
    const attested = pause(refusing).attestClear(target, healed.promise)
    await pause(refusing).heal(target).then(healed.resolve)
    expect((await attested).left).toEqual(['dp-manager is paused'])
  })

  test('a container that went on is told apart from its neighbour that stands still', async () => {
    const { world } = inMemory()
    await world.runtime.pause('dashboard')
    const { evidence } = await pause({ ...world, attestLimitMs: 200 }).attest(target, Promise.resolve())
    expect(doubts(evidence)).toContain('dp-manager is running')
  })
})

describe('witnesses of a freeze that stopped nobody', () => {
  test('answers that go on contradict an engine that says its container is paused', async () => {
    const { world } = inMemory()
    const ask: Ask = async () => ({ answered: true, from: world.clock.now(), to: world.clock.now() })
    const kind = pause({ ...world, ask, attestLimitMs: 100 })
    const injected = Promise.withResolvers<void>()
    const attested = kind.attest(target, injected.promise)
    await kind.inject(target).then(injected.resolve)
    const said = (name: string) => `${name} answers still, 0.1 s later, for a container on the same network`
    expect(doubts((await attested).evidence)).toEqual([said('dashboard'), said('dp-manager')])
  })
})

describe('a node of which one container refuses', () => {
  type Acting = (world: ReturnType<typeof inMemory>['world']) => Promise<void>
  const acts: readonly (readonly ['stop' | 'kill' | 'pause' | 'unpause' | 'start', Acting])[] = [
    ['stop', (world) => stop(world).inject(target)],
    ['kill', (world) => kill(world).inject(target)],
    ['pause', (world) => pause(world).inject(target)],
    ['unpause', (world) => pause(world).heal(target)],
    ['start', (world) => stop(world).heal(target)],
  ]

  test.each(acts)('is through with its %s once the other container is', async (act, done) => {
    const { world } = inMemory()
    const draining = Promise.withResolvers<void>()
    const through: string[] = []
    const runtime = {
      ...world.runtime,
      [act]: async (id: string) => {
        if (id === 'dashboard') throw new Error('the request broke')
        await draining.promise
        through.push(id)
      },
    }
    const refused = done({ ...world, runtime }).catch((error: Error) => through.push(error.message))
    await new Promise(setImmediate)
    draining.resolve()
    await refused
    expect(through).toEqual(['dp-manager', 'the request broke'])
  })
})

describe('a stop that broke off', () => {
  /** As an engine that was restarted meanwhile: it has forgotten that it told somebody to end, and finds both running. */
  const brokenOff = async () => {
    const { world, end } = inMemory()
    const runtime = { ...world.runtime, stop: () => Promise.reject(new Error('the engine was restarted')) }
    const kind = stop({ ...world, runtime, attestLimitMs: 20 })
    await kind.inject(target).catch(() => {})
    const healed = async () => {
      await kind.heal(target)
      return (await kind.attestClear(target, Promise.resolve())).left
    }
    return { end, healed }
  }

  test('is there still while its containers have not started since, for they may end yet', async () => {
    const { end, healed } = await brokenOff()
    const words = (name: string) => `${name} was told to end, and has not been started since: it may end yet`
    expect(await healed()).toEqual([words('dashboard'), words('dp-manager')])
    end('dashboard', 0)
    expect(await healed()).toEqual([words('dp-manager')])
  })

  test('is healed once they have ended and run again', async () => {
    const { end, healed } = await brokenOff()
    end('dashboard', 0)
    end('dp-manager', 0)
    expect(await healed()).toBeUndefined()
  })
})

describe('witnesses of a return', () => {
  test('a node that was started has every container running and answering', async () => {
    const { world } = inMemory()
    await stop(world).inject(target)
    const healed = Promise.withResolvers<void>()
    const attested = attestBack(world, target, healed.promise)
    await stop(world).heal(target).then(healed.resolve)
    expect(doubts((await attested).evidence)).toEqual([])
  })

  test('a container that stays down is named', async () => {
    const { world, running } = inMemory()
    await stop(world).inject(target)
    running.set('dashboard', true)
    const { evidence } = await attestBack(world, target, Promise.resolve())
    expect(doubts(evidence)).toContain('dp-manager is exited with 0')
  })
})
