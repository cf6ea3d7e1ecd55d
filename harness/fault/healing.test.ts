// What is healed, and what is told of it, where something keeps a part of it from being healed, asked or written down.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { whileFull } from '../history/full-disk.fixture.ts'
import { manualClock } from '../time/clock.ts'
import { breaking, node, openRecord } from './breaking.fixture.ts'
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
