// A kind of fault whose world is a set of broken nodes, and a record of what becomes of it, for tests of the way that every fault goes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'

export const node = (name: string): Node => ({ name, role: 'data-plane', zone: 'a', containers: [] })

export const says = (confirms: boolean): Attestation => ({
  evidence: [{ source: 'test', said: confirms ? 'it is so' : 'it is not so', confirms, at: 0 }],
  bounds: null,
})

/** What its witnesses say is what the set shows. */
export const breaking = (broken: Set<string>, overrides: Partial<Kind> = {}): Kind => ({
  kind: 'stop',
  undo: () => [],
  attestHeld: async ({ name }) => says(broken.has(name)).evidence,
  inject: async ({ name }) => void broken.add(name),
  attest: async ({ name }, injected) => injected.then(() => says(broken.has(name))),
  heal: async ({ name }) => void broken.delete(name),
  attestClear: async ({ name }, healed) => healed.then(() => says(!broken.has(name))),
  ...overrides,
})

/** A history in a folder of its own; `end` closes and removes both. */
export const openRecord = async (): Promise<{
  readonly file: string
  readonly recorder: Recorder
  end(): Promise<void>
}> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-fault-test-'))
  const file = join(folder, 'history.jsonl')
  const recorder = openRecorder(file, createRedactor([]))
  return {
    file,
    recorder,
    async end() {
      recorder.close()
      await rm(folder, { recursive: true })
    },
  }
}
