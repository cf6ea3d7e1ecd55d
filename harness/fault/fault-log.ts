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
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { FaultError } from '../time/errors.ts'
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

const append = (run: string, line: Line, flags: string | number = 'a+'): void => {
  const file = openSync(fileOf(run), flags, 0o600)
  const { size } = fstatSync(file)
  try {
    const bytes = Buffer.from(`${isTornAt(file, size) ? '\n' : ''}${JSON.stringify(line)}\n`)
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

/** Whoever was killed while writing left a line without its end, which would take this one along. */
const isTornAt = (file: number, size: number): boolean => {
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n'
}

/** How every line begins. */
const OPENING = '{"stage":"'

/** Half a line of ours, and nothing glued to it. */
const isTorn = (line: string): boolean =>
  OPENING.startsWith(line.slice(0, OPENING.length)) && !line.includes(OPENING, 1)

/**
 * The faults of a run that are still open, in the order they were begun; none where there is no log. Throws where it cannot be read, or holds
 * what may hide a fault.
 */
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
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => parsed(run, line))
}

/** Of a torn intent nothing had been changed yet, and a torn clear leaves open what may be undone once more: neither is missed. */
const parsed = (run: string, line: string): readonly Line[] => {
  try {
    return [JSON.parse(line) as Line]
  } catch (cause) {
    if (isTorn(line)) return []
    throw new FaultError(
      `The fault log of ${run} has a line that is none: nobody knows which faults are open. They go with its containers: \`npm run down\` removes what is up.`,
      { code: 'ERR_FAULT_LOG', cause },
    )
  }
}

/** Says of an open fault that it is healed, whoever did it. Where the log is gone with its run, nothing is to be said. */
export const noteClear = (run: string, { entry }: Pick<OpenFault, 'entry'>): void => {
  try {
    append(run, { stage: 'clear', entry }, constants.O_RDWR | constants.O_APPEND)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Whatever was broken is no more: its containers were removed. */
export const forgetFaults = (run: string): void => rmSync(fileOf(run), { force: true })
