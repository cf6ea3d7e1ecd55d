// What is healed, and what is told of it, where something keeps a part of it from being healed, asked or written down.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { whileFull } from '../history/full-disk.fixture.ts'
import { manualClock } from '../time/clock.ts'
import { breaking, node, openRecord, says } from './breaking.fixture.ts'
import type { FaultLog, Faults } from './fault.ts'
import { createFaults } from './faults.ts'

let record: Awaited<ReturnType<typeof openRecord>>
let faults: Faults
const broken = new Set<string>()

beforeEach(async () => {
  broken.clear()
  record = await openRecord()
  faults = createFaults({ recorder: record.recorder, clock: manualClock(), servers: async () => [] })
})

afterEach(() => record.end())

const told = () => eventsOf(record.recorder.events(), 'fault')

describe('a node that would not be healed', () => {
  const all = ['dp-1', 'dp-2', 'dp-3'].map(node)
  const refused = new Set<string>()
  const kind = breaking(broken, {
    heal: async ({ name }) => {
      if (refused.has(name)) throw new Error(`the engine does not start ${name}`)
      broken.delete(name)
    },
  })

  test('keeps none of the others broken, and the first that would not is told', async () => {
    refused.add('dp-1').add('dp-2')
    const fault = await faults.inject(kind, all)
    await expect(fault.heal()).rejects.toThrow(/would not heal: the engine does not start dp-1/)
    expect([...broken]).toEqual(['dp-1', 'dp-2'])
  })

  test('leaves its fault not healed: told when the drill ends, and healed as soon as it can be', async () => {
    refused.clear()
    refused.add('dp-1')
    const fault = await faults.inject(kind, all)
    expect(await faults.healAll()).toEqual([expect.stringMatching(/^stop of dp-1.*the engine does not start dp-1/)])
    expect(faults.broken()).toEqual(['dp-1', 'dp-2', 'dp-3'])
    refused.clear()
    await fault.heal()
    expect({ broken: [...broken], told: faults.broken() }).toEqual({ broken: [], told: [] })
  })
})

describe('what speaks against a heal', () => {
  const at = (instant: number, confirms: boolean, said: string) => ({ source: 'test', said, confirms, at: instant })
  const because = () => told().flatMap((event) => (event.stage === 'failed' ? [event.because] : []))

  test('a node that is down again is told, though its neighbour came back after it', async () => {
    const clear = {
      'dp-1': { evidence: [at(10, true, 'dp-1 started'), at(12, false, 'dp-1 exited')], bounds: [9, 10] },
      'dp-2': { evidence: [at(50, true, 'dp-2 started')], bounds: [49, 50] },
    } as const
    const attestClear = async ({ name }: { name: string }) => clear[name as keyof typeof clear]
    const fault = await faults.inject(breaking(broken, { attestClear }), ['dp-1', 'dp-2'].map(node))
    await fault.heal()
    expect({ because: because(), last: told().at(-1)?.stage, left: await faults.healAll() }).toEqual({
      because: ['healed, but it is contradicted: dp-1 exited'],
      last: 'clear',
      left: [],
    })
  })

  test('what was seen of a node before it came back is "not yet"', async () => {
    const attestClear = async () =>
      ({ evidence: [at(5, false, 'dp-1 is down'), at(10, true, 'dp-1 started')], bounds: [9, 10] }) as const
    await (await faults.inject(breaking(broken, { attestClear }), [node('dp-1')])).heal()
    expect(because()).toEqual([])
  })

  test('what of the fault is there still keeps it open, whatever else was seen, until a later heal', async () => {
    const cleared: string[] = []
    const log: FaultLog = { intend: async () => {}, clear: async (id) => void cleared.push(id) }
    const own = createFaults({ recorder: record.recorder, clock: manualClock(), servers: async () => [], log })
    const left = ['dp-1 has a rule of ours']
    const attestClear = async () => ({ ...says(true), left: left.splice(0) })
    const fault = await own.inject(breaking(broken, { attestClear }), [node('dp-1')])
    await expect(fault.heal()).rejects.toThrow(/it is there still: dp-1 has a rule of ours/)
    expect({ told: own.broken(), cleared }).toEqual({ told: ['dp-1'], cleared: [] })
    expect(await own.healAll()).toEqual([])
    expect({ told: own.broken(), cleared }).toEqual({ told: [], cleared: ['stop-1'] })
  })
})

describe('what is away or full', () => {
  test('a witness that cannot be asked any more keeps nobody from healing, and what it cannot say is no yes', async () => {
    const attestHeld = () => Promise.reject(new Error('the callers are gone'))
    const fault = await faults.inject(breaking(broken, { attestHeld }), [node('dp-1')])
    await fault.heal()
    expect([...broken]).toEqual([])
    expect(told().find(({ stage }) => stage === 'heal')?.evidence).toEqual([
      expect.objectContaining({ said: 'nobody can say it of dp-1: the callers are gone', confirms: false }),
    ])
  })

  test('a history that cannot be written keeps nobody from healing, and is told by the recorder', async () => {
    const fault = await faults.inject(breaking(broken), [node('dp-1')])
    await whileFull(1, async () => {
      await fault.heal()
      expect(record.recorder.lost()).toMatch(/EFBIG/)
    })
    expect({ broken: [...broken], last: told().at(-1)?.stage }).toEqual({ broken: [], last: 'clear' })
  })

  test('a fault log that cannot be written is told as that, and the fault is healed', async () => {
    const log: FaultLog = { intend: async () => {}, clear: () => Promise.reject(new Error('no space left')) }
    const own = createFaults({ recorder: record.recorder, clock: manualClock(), servers: async () => [], log })
    const fault = await own.inject(breaking(broken), [node('dp-1')])
    await expect(fault.heal()).rejects.toThrow(/it is healed, and stays open in the fault log: no space left/)
    expect({ broken: [...broken], told: own.broken(), left: await own.healAll() }).toEqual({
      broken: [],
      told: [],
      left: [],
    })
  })
})

describe('a fault that is still being injected', () => {
  test('is healed once it has landed, so that nothing of it comes afterwards', async () => {
    const order: string[] = []
    const stopping = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const kind = breaking(broken, {
      inject: async ({ name }) => {
        begun.resolve()
        await stopping.promise
        order.push('landed')
        broken.add(name)
      },
      heal: async ({ name }) => {
        order.push('healed')
        broken.delete(name)
      },
    })
    const injected = faults.inject(kind, [node('dp-1')])
    await begun.promise
    const healed = faults.healAll()
    await expect.poll(() => told().at(-1)?.stage).toBe('heal')
    // Whoever does not wait heals within the turn after that.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    stopping.resolve()
    await injected
    expect({ left: await healed, order, broken: [...broken] }).toEqual({
      left: [],
      order: ['landed', 'healed'],
      broken: [],
    })
  })

  test('is healed once all of its nodes are through, though one would not land and nobody can say anything of the other', async () => {
    const order: string[] = []
    const [begun, stopping] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const kind = breaking(broken, {
      inject: async ({ name }) => {
        if (name === 'dp-1') throw new Error('the request broke')
        begun.resolve()
        await stopping.promise
        order.push('landed')
      },
      attest: () => Promise.reject(new Error('the callers are gone')),
      heal: async ({ name }) => void order.push(`healed ${name}`),
    })
    const injected = faults.inject(kind, ['dp-1', 'dp-2'].map(node))
    await begun.promise
    const healed = faults.healAll()
    await expect.poll(() => told().at(-1)?.stage).toBe('heal')
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    stopping.resolve()
    await expect(injected).rejects.toThrow(/would not land: the request broke/)
    await healed
    expect(order).toEqual(['landed', 'healed dp-1', 'healed dp-2'])
  })

  test('is not healed for good where it does not land in time', async () => {
    const cleared: string[] = []
    const log: FaultLog = { intend: async () => {}, clear: async (id) => void cleared.push(id) }
    const world = { recorder: record.recorder, clock: manualClock(), servers: async () => [], log, landingLimitMs: 20 }
    const hanging = createFaults(world)
    const begun = Promise.withResolvers<void>()
    const never = breaking(broken, {
      inject: () => {
        begun.resolve()
        return new Promise(() => {})
      },
    })
    hanging.inject(never, [node('dp-1')]).catch(() => {})
    await begun.promise
    expect(await hanging.healAll()).toEqual([expect.stringMatching(/healed while it was still being injected/)])
    expect({ told: hanging.broken(), cleared }).toEqual({ told: ['dp-1'], cleared: [] })
  })
})
