import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { manualClock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import { breaking, node, openRecord, says } from './breaking.fixture.ts'
import type { FaultLog, Faults } from './fault.ts'
import { createFaults } from './faults.ts'

let record: Awaited<ReturnType<typeof openRecord>>
let faults: Faults
const broken = new Set<string>()

beforeEach(async () => {
  broken.clear()
  record = await openRecord()
  const servers = async () =>
    ['dp-1', 'dp-2', 'dp-3'].map((name) => ({ backend: 'gateways', node: name, state: 'in' as const }))
  faults = createFaults({ recorder: record.recorder, clock: manualClock(), servers })
})

afterEach(() => record.end())

const stages = (): readonly string[] => eventsOf(record.recorder.events(), 'fault').map((event) => event.stage)

describe('the way of a fault', () => {
  test('it goes from intent to clear, each stage written down', async () => {
    const fault = await faults.inject(breaking(broken), [node('dp-1')])
    expect([...broken]).toEqual(['dp-1'])
    await fault.heal()
    expect(stages()).toEqual(['intent', 'injected', 'in-effect', 'heal', 'healed', 'clear'])
  })

  test('the intent, with every target, is on disk before anything is touched', async () => {
    let onDisk = ''
    const kind = breaking(broken, {
      inject: async () => {
        onDisk = await readFile(record.file, 'utf8')
      },
      attest: async () => says(true),
    })
    await faults.inject(kind, [node('dp-1'), node('dp-2')])
    expect(onDisk).toMatch(/"stage":"intent"/)
    expect(onDisk).toMatch(/"targets":\["dp-1","dp-2"\]/)
  })

  test('an injector that does nothing is called out, and nothing claims to be in effect', async () => {
    await expect(faults.inject(breaking(broken, { inject: async () => {} }), [node('dp-1')])).rejects.toThrow(
      /nobody could attest/,
    )
    expect(stages()).toEqual(['intent', 'injected', 'failed'])
  })

  test('an injector that hits another node is called out', async () => {
    await expect(
      faults.inject(breaking(broken, { inject: async () => void broken.add('dp-2') }), [node('dp-1')]),
    ).rejects.toThrow(/nobody could attest/)
  })

  test('a heal that does nothing is called out', async () => {
    const fault = await faults.inject(breaking(broken, { heal: async () => {} }), [node('dp-1')])
    await expect(fault.heal()).rejects.toThrow(/nobody could attest/)
    expect(stages().at(-1)).toBe('failed')
  })

  test('a witness who contradicts another is believed: it is not in effect', async () => {
    const twoMinded = { evidence: [...says(true).evidence, ...says(false).evidence], bounds: null }
    const kind = breaking(broken, { attest: async (_, injected) => injected.then(() => twoMinded) })
    await expect(faults.inject(kind, [node('dp-1')])).rejects.toThrow(/contradicted: it is not so/)
    expect(stages()).toEqual(['intent', 'injected', 'failed'])
  })

  test('a fault that somebody undid early is on record as that', async () => {
    const fault = await faults.inject(breaking(broken), [node('dp-1')])
    broken.clear()
    await fault.heal()
    const heal = eventsOf(record.recorder.events(), 'fault').find((event) => event.stage === 'heal')
    expect(heal?.evidence?.map((each) => each.confirms)).toEqual([false])
  })

  test('nodes are healed in the order that is asked for, and those that it leaves out at the end', async () => {
    const healed: string[] = []
    const kind = breaking(broken, {
      heal: async ({ name }) => {
        healed.push(name)
        broken.delete(name)
      },
    })
    const all = ['dp-1', 'dp-2', 'dp-3'].map(node)
    const fault = await faults.inject(kind, all, { plannedDowntime: true })
    await fault.heal(all.slice(1).toReversed())
    expect(healed).toEqual(['dp-3', 'dp-2', 'dp-1'])
  })

  test('one that nobody heals within its longest life is healed, and the record says so', async () => {
    await faults.inject(breaking(broken, { longestMs: 20 }), [node('dp-1')])
    await vi.waitFor(() => expect(stages().at(-1)).toBe('clear'))
    const [failed, heal] = eventsOf(record.recorder.events(), 'fault').slice(3)
    expect([failed?.because, heal?.because]).toEqual([
      'nobody healed it within its longest life of 0.02 s',
      'longest life',
    ])
    expect([...broken]).toEqual([])
  })

  test('how it is undone is in the log before the first change, and out of it once it is clear', async () => {
    const logged: string[] = []
    const log: FaultLog = {
      intend: async ({ id, undo }) => void logged.push(`${id} ${undo.map((each) => each.act)} ${broken.size} broken`),
      clear: async (id) => void logged.push(`clear ${id}`),
    }
    const own = createFaults({ recorder: record.recorder, clock: manualClock(), servers: async () => [], log })
    const undo = () => [{ act: 'start', container: 'c' }] as const
    const fault = await own.inject(breaking(broken, { undo }), [node('dp-1')])
    await fault.heal()
    expect(logged).toEqual(['stop-1 start 0 broken', 'clear stop-1'])
  })

  test('a second heal does nothing', async () => {
    const fault = await faults.inject(breaking(broken), [node('dp-1')])
    await fault.heal()
    const before = stages().length
    await fault.heal()
    expect(stages().length).toBe(before)
  })
})

describe('what is refused before anything is touched', () => {
  test('a second fault on a node whose first is still in effect', async () => {
    await faults.inject(breaking(broken), [node('dp-1')])
    await expect(faults.inject(breaking(broken), [node('dp-1')])).rejects.toThrow(/ERR_FAULT_PAIR/)
  })

  test('a replacement of a node that a partition knows by its address, until the partition is healed', async () => {
    const cut = breaking(broken, { kind: 'partition', otherSide: ['dp-2'] })
    const fault = await faults.inject(cut, [node('dp-1')])
    const replace = breaking(broken, { kind: 'replace' })
    await expect(faults.inject(replace, [node('dp-2')])).rejects.toThrow(
      /Refused replace of dp-2: partition of dp-1 is still in effect, and dp-2 is cut off by an address .*ERR_FAULT_PAIR/,
    )
    await fault.heal()
    await faults.inject(replace, [node('dp-2')])
    await expect(faults.inject(cut, [node('dp-1')])).rejects.toThrow(
      /replace of dp-2 is still in effect.*ERR_FAULT_PAIR/,
    )
  })

  test('a restart of a drained node is not refused: that is what draining is for', async () => {
    await faults.inject(breaking(new Set(), { kind: 'drain', attest: async () => says(true) }), [node('dp-1')])
    await faults.inject(breaking(broken, { kind: 'restart' }), [node('dp-1')])
    expect([...broken]).toEqual(['dp-1'])
  })

  test('emptying a backend, unless the downtime is planned', async () => {
    const all = ['dp-1', 'dp-2', 'dp-3'].map(node)
    await expect(faults.inject(breaking(broken), all)).rejects.toThrow(/ERR_BLAST_RADIUS/)
    expect({ broken: [...broken], stages: stages() }).toEqual({ broken: [], stages: [] })
    await faults.inject(breaking(broken), all, { plannedDowntime: true })
    expect(broken.size).toBe(3)
  })

  test('emptying a backend is not refused where survival is the claim, and losing the last copy of the data still is', async () => {
    const servers = async () => [{ backend: 'gateways', node: 'dp-1', state: 'in' as const }]
    const own = createFaults({ recorder: record.recorder, clock: manualClock(), servers })
    await (await own.inject(breaking(broken), [node('dp-1')], { claimsSurvival: true })).heal()
    const survivals = [() => Promise.reject(new ScenarioError('the last copy', { code: 'ERR_BLAST_RADIUS' }))]
    const guarded = createFaults({ recorder: record.recorder, clock: manualClock(), servers, survivals })
    await expect(guarded.inject(breaking(broken), [node('dp-1')], { claimsSurvival: true })).rejects.toThrow(
      /last copy/,
    )
    expect(eventsOf(record.recorder.events(), 'fault').every((event) => event.plannedDowntime === undefined)).toBe(true)
  })

  test('nobody whose place somebody has taken: the balancers know whether that one serves', async () => {
    const upgrade = breaking(new Set(), { kind: 'upgrade', attest: async () => says(true), attestHeld: async () => [] })
    await faults.inject(upgrade, [node('dp-1')])
    await faults.inject(upgrade, [node('dp-2')])
    await faults.inject(upgrade, [node('dp-3')])
    expect(faults.broken()).toEqual([])
    await expect(faults.inject(breaking(broken), ['dp-1', 'dp-2', 'dp-3'].map(node))).rejects.toThrow(/ERR_FAULT_PAIR/)
  })

  test('what somebody else knows nobody would survive, unless the downtime is planned', async () => {
    const asked: unknown[] = []
    const survivals = [
      async (blast: unknown) => {
        asked.push(blast)
        throw new ScenarioError('nobody would be left', { code: 'ERR_BLAST_RADIUS' })
      },
    ]
    const servers = async () => []
    const guarded = createFaults({ recorder: record.recorder, clock: manualClock(), servers, survivals })
    await guarded.inject(breaking(broken), [node('dp-1')], { plannedDowntime: true })
    await expect(guarded.inject(breaking(broken), [node('dp-2')])).rejects.toThrow(/nobody would be left/)
    expect({ asked, broken: [...broken], told: guarded.broken() }).toEqual({
      asked: [{ kind: 'stop', targets: ['dp-2'], broken: ['dp-1'] }],
      broken: ['dp-1'],
      told: ['dp-1'],
    })
  })

  test('no target at all, and anything once healing has begun', async () => {
    await expect(faults.inject(breaking(broken), [])).rejects.toThrow(/ERR_NO_TARGET/)
    await faults.healAll()
    await expect(faults.inject(breaking(broken), [node('dp-1')])).rejects.toThrow(/ERR_SEALED/)
  })
})

describe('healing what the script forgot', () => {
  test('faults are healed in reverse order, and the history says by whom', async () => {
    await faults.inject(breaking(broken), [node('dp-1')])
    await faults.inject(breaking(broken), [node('dp-2')])
    expect(await faults.healAll()).toEqual([])
    const heals = eventsOf(record.recorder.events(), 'fault').filter((event) => event.stage === 'heal')
    expect(heals.map((event) => [event.targets[0], event.because])).toEqual([
      ['dp-2', 'fixture'],
      ['dp-1', 'fixture'],
    ])
    expect(broken.size).toBe(0)
  })

  test('one that will not heal does not keep the others from it, and is named', async () => {
    await faults.inject(breaking(broken), [node('dp-1')])
    await faults.inject(breaking(broken, { heal: () => Promise.reject(new Error('no')) }), [node('dp-2')])
    expect(await faults.healAll()).toEqual([expect.stringMatching(/stop of dp-2: would not heal: no/)])
    expect([...broken]).toEqual(['dp-2'])
  })

  test('a fault that landed but could not be attested is healed too', async () => {
    const kind = breaking(broken, { attest: async (_, injected) => injected.then(() => says(false)) })
    await expect(faults.inject(kind, [node('dp-1')])).rejects.toThrow(/nobody could attest/)
    await faults.healAll()
    expect(broken.size).toBe(0)
  })
})
