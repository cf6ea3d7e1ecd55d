// The faults of a run, on disk beside its lease: whoever finds them there when the run has died can undo them.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { leaseFile } from '../topology/lease.ts'
import type { FaultLog } from './faults.ts'
import type { Undo } from './undo.ts'

/** A fault that was begun and is not known to be healed. */
export interface OpenFault {
  readonly id: string
  readonly kind: string
  readonly targets: readonly string[]
  readonly undo: readonly Undo[]
  readonly longestMs: number
  /** When it was intended, wall clock, ms. */
  readonly at: number
}

type Line = ({ readonly stage: 'intent' } & OpenFault) | { readonly stage: 'clear'; readonly id: string }

const fileOf = (run: string): string => leaseFile(run, 'faults.jsonl')

/** Every line is on disk when its promise resolves. */
export const faultLog = (run: string): FaultLog => ({
  intend: async (fault) => append(run, { stage: 'intent', ...fault, at: Date.now() }),
  clear: async (id) => append(run, { stage: 'clear', id }),
})

const append = (run: string, line: Line): void => {
  const file = openSync(fileOf(run), 'a', 0o600)
  try {
    writeSync(file, `${JSON.stringify(line)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The faults of a run that are still open, in the order they were begun; none where there is no log. */
export const openFaults = (run: string): readonly OpenFault[] => {
  const open = new Map<string, OpenFault>()
  for (const line of linesOf(run)) {
    if (line.stage === 'intent') open.set(line.id, line)
    else open.delete(line.id)
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

/** Says of an open fault that it is healed, whoever did it. */
export const noteClear = (run: string, id: string): void => append(run, { stage: 'clear', id })
