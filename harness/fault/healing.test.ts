// What is healed, and what is told of it, where something keeps a part of it from being healed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { manualClock } from '../time/clock.ts'
import { breaking, node } from './breaking.fixture.ts'
import { createFaults, type Faults } from './faults.ts'

let folder = ''
let recorder: Recorder
let faults: Faults
const broken = new Set<string>()

beforeEach(async () => {
  broken.clear()
  folder = await mkdtemp(join(tmpdir(), 'firedrill-healing-test-'))
  recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  faults = createFaults({ recorder, clock: manualClock(), servers: async () => [] })
})

afterEach(async () => {
  recorder.close()
  await rm(folder, { recursive: true })
})

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
