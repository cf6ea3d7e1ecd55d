// The faults of a run, on disk beside its lease: whoever finds them there when the run has died can undo them.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { leaseFile } from '../topology/lease.ts'
import type { FaultLog } from './fault.ts'
import type { Undo } from './undo.ts'

/** A fault that was begun and is not known to be healed. */
export interface OpenFault {
  /** One for each intent: every scenario of a run begins to count its faults anew. */
  readonly entry: string
  readonly id: string
  readonly kind: string
  readonly targets: readonly string[]
  readonly undo: readonly Undo[]
  readonly longestMs: number
  /** When it was intended, wall clock, ms. */
  readonly at: number
}

type Line = ({ readonly stage: 'intent' } & OpenFault) | { readonly stage: 'clear'; readonly entry: string }

const fileOf = (run: string): string => leaseFile(run, 'faults.jsonl')

/** Every line is on disk when its promise resolves. */
export const faultLog = (run: string): FaultLog => {
  const entries = new Map<string, string>()
  return {
    async intend(fault) {
      const entry = randomUUID()
      entries.set(fault.id, entry)
      append(run, { stage: 'intent', entry, ...fault, at: Date.now() })
    },
    async clear(id) {
      const entry = entries.get(id)
      if (entry !== undefined) noteClear(run, { entry })
    },
  }
}

const append = (run: string, line: Line, flags: string | number = 'a'): void => {
  const file = openSync(fileOf(run), flags, 0o600)
  const { size } = fstatSync(file)
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } catch (error) {
    // Nothing is changed after this; but half a line would take the next one along.
    ftruncateSync(file, size)
    throw error
  } finally {
    closeSync(file)
  }
}

/** The faults of a run that are still open, in the order they were begun; none where there is no log. */
export const openFaults = (run: string): readonly OpenFault[] => {
  const open = new Map<string, OpenFault>()
  for (const line of linesOf(run)) {
    if (line.stage === 'intent') open.set(line.entry, line)
    else open.delete(line.entry)
  }
  return [...open.values()]
}

const linesOf = (run: string): readonly Line[] => {
  let text: string
  try {
    text = readFileSync(fileOf(run), 'utf8')
  } catch {
    return []
  }
  // Whoever was killed while writing leaves a last line without its end: nothing had been changed then.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}

/** Says of an open fault that it is healed, whoever did it. Where the log is gone with its run, nothing is to be said. */
export const noteClear = (run: string, { entry }: Pick<OpenFault, 'entry'>): void => {
  try {
    append(run, { stage: 'clear', entry }, constants.O_WRONLY | constants.O_APPEND)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Whatever was broken is no more: its containers were removed. */
export const forgetFaults = (run: string): void => rmSync(fileOf(run), { force: true })
