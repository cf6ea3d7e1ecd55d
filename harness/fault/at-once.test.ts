// Faults that are asked for at once, and one that is asked for as the drill ends.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { manualClock } from '../time/clock.ts'
import { breaking, node, openRecord } from './breaking.fixture.ts'
import type { FaultLog, Faults } from './fault.ts'
import { createFaults } from './faults.ts'

let record: Awaited<ReturnType<typeof openRecord>>
const broken = new Set<string>()

const faultsWith = (log?: FaultLog): Faults => {
  const servers = async () =>
    ['dp-1', 'dp-2'].map((name) => ({ backend: 'gateways', node: name, state: 'in' as const }))
  return createFaults({ recorder: record.recorder, clock: manualClock(), servers, ...(log && { log }) })
}

beforeEach(async () => {
  broken.clear()
  record = await openRecord()
})

afterEach(() => record.end())

test('of two that would empty a backend together the second is refused', async () => {
  const faults = faultsWith()
  const asked = ['dp-1', 'dp-2'].map((name) => faults.inject(breaking(broken), [node(name)]))
  await expect(asked[1]).rejects.toThrow(/ERR_BLAST_RADIUS/)
  await asked[0]
  expect([...broken]).toEqual(['dp-1'])
})

test('one that is refused keeps none that comes after it, and one that takes long to land delays none', async () => {
  const faults = faultsWith()
  const landed = Promise.withResolvers<void>()
  const refused = faults.inject(breaking(broken), [])
  const slow = faults.inject(breaking(broken, { inject: () => landed.promise, attestHeld: async () => [] }), [
    node('dp-3'),
  ])
  await Promise.all([expect(refused).rejects.toThrow(/ERR_NO_TARGET/), faults.inject(breaking(broken), [node('dp-1')])])
  broken.add('dp-3')
  landed.resolve()
  await slow
  expect([...broken]).toEqual(['dp-1', 'dp-3'])
})

test('one whose drill ends while it is prepared touches nothing, is told, and leaves nothing to undo', async () => {
  const [isAsked, isWritten] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const cleared: string[] = []
  const faults = faultsWith({
    intend: () => {
      isAsked.resolve()
      return isWritten.promise
    },
    clear: async (id) => void cleared.push(id),
  })
  const asked = faults.inject(breaking(broken), [node('dp-1')])
  await isAsked.promise
  expect(await faults.healAll()).toEqual([])
  isWritten.resolve()
  await expect(asked).rejects.toThrow(/the drill was over before anything was touched/)
  expect({ broken: [...broken], told: faults.inEffect(), cleared }).toEqual({
    broken: [],
    told: [],
    cleared: ['stop-1'],
  })
})
