import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isolate } from './isolate.ts'
import type { Kind } from './kind.ts'
import { ISOLATE, inMemory, target } from './network/in-memory.fixture.ts'
import { healed as healedOn, injected as injectedOn, said } from './one-target.fixture.ts'

const injected = (kind: Kind) => injectedOn(kind, target)

const healed = (kind: Kind) => healedOn(kind, target)

describe('a node that is cut off', () => {
  test('has the count and the silent port of every container on record, and the instant is bounded', async () => {
    const { world } = inMemory()
    const attestation = await injected(isolate(world))
    expect(said(attestation, false)).toEqual([])
    const witnesses = attestation.evidence.map((each) => `${each.source}, ${each.container}`)
    expect(witnesses.sort()).toEqual([
      'packet counter, dashboard',
      'packet counter, dp-manager',
      'probe from inside, dashboard',
      'probe from inside, dp-manager',
    ])
    expect(attestation.bounds?.[0]).toBeLessThanOrEqual(attestation.bounds?.[1] ?? 0)
  })

  test('is not believed where the injector did nothing', async () => {
    const { world } = inMemory({ impose: async () => {} })
    const attestation = await injected(isolate(world))
    expect(said(attestation, true)).toEqual([])
    expect(attestation.bounds).toBeNull()
  })

  test('is not believed where the rule lies on somebody else', async () => {
    const { world, at } = inMemory()
    const { impose } = world.network
    const astray = { ...world, network: { ...world.network, impose: () => impose('bystander', ISOLATE) } }
    const attestation = await injected(isolate(astray))
    expect(at('bystander').rule).not.toBeNull()
    expect(said(attestation, true)).toEqual([])
    expect(said(attestation, false)).toContain('dashboard: its port is not silent 0.03 s later')
  })

  test('is not believed of a container that was dead before: it is silent, and its rule counts nothing', async () => {
    const { world, at } = inMemory()
    at('dashboard').isRunning = false
    at('dp-manager').isRunning = false
    expect(said(await injected(isolate(world)), true)).toEqual([])
  })

  test('is contradicted by a restart while the rule was laid', async () => {
    const { world, restart } = inMemory()
    const { impose } = world.network
    const network = {
      ...world.network,
      impose: async (name: string) => {
        await impose(name, ISOLATE)
        if (name === 'dashboard') restart(name)
      },
    }
    const attestation = await injected(isolate({ ...world, network }))
    expect(said(attestation, false)).toContain(
      'dashboard: the rule was laid on a life that began at life 1, and it runs since life 2: the rule ended with that life',
    )
  })

  test('is contradicted by a packet that was let through', async () => {
    const { world, lapse } = inMemory()
    const { impose } = world.network
    const network = {
      ...world.network,
      impose: async (name: string) => {
        await impose(name, ISOLATE)
        lapse(name)
      },
    }
    const attestation = await injected(isolate({ ...world, network }))
    expect(said(attestation, true)).toEqual([])
    expect(said(attestation, false).join()).toMatch(/let 1 through/)
  })
})

describe('a node that is reached again', () => {
  test('has the last count, the port and a look into the namespace of every container on record', async () => {
    const kind = isolate(inMemory().world)
    await injected(kind)
    const attestation = await healed(kind)
    expect(said(attestation, false)).toEqual([])
    expect(attestation.evidence).toHaveLength(6)
    expect(attestation.bounds).not.toBeNull()
    expect(attestation.left).toBeUndefined()
  })

  test('is not believed where the heal did nothing', async () => {
    const kind = isolate(
      inMemory({ lift: async () => ({ outcome: 'counted', tally: { came: 1, went: 0, kept: 0, passed: 0 } }) }).world,
    )
    await injected(kind)
    const attestation = await healed(kind)
    expect(said(attestation, false)).toContain('dashboard: a new helper in its namespace sees a table of ours')
    expect(attestation.left).toEqual([
      'dashboard: a new helper in its namespace sees a table of ours',
      'dp-manager: a new helper in its namespace sees a table of ours',
    ])
  })

  test('is doubted where its helper was gone before: nobody knows how long it was cut off', async () => {
    const { world, killHelper } = inMemory()
    const kind = isolate(world)
    await injected(kind)
    killHelper('dp-manager')
    expect(said(await healed(kind), false)).toEqual([
      'dp-manager: nobody knows how long the rule held: its helper was killed',
    ])
  })

  test('is doubted where it was restarted meanwhile, though its helper still counts in the old namespace', async () => {
    const { world, restart } = inMemory()
    const kind = isolate(world)
    await injected(kind)
    restart('dashboard')
    expect(said(await healed(kind), false).join()).toMatch(/dashboard: the rule was laid on a life/)
  })

  test('may be healed again: the first lift is the one that counts', async () => {
    const kind = isolate(inMemory().world)
    await injected(kind)
    await kind.heal(target)
    expect(said(await healed(kind), false)).toEqual([])
  })

  test('is healed in all of its containers though one of them refuses, and the heal says so', async () => {
    const { world, at } = inMemory()
    const { lift } = world.network
    const network = {
      ...world.network,
      lift: (name: string) =>
        name === 'dashboard' ? Promise.reject(new Error('no')) : nextTurn().then(() => lift(name)),
    }
    const kind = isolate({ ...world, network })
    await injected(kind)
    await expect(kind.heal(target)).rejects.toThrow('no')
    expect(at('dp-manager').rule).toBeNull()
  })
})
