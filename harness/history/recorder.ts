// Writes what happens, as it happens, to history.jsonl; and lets others read along while the run goes on.
import { closeSync, fdatasync, fstatSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { EnvironmentError } from '../time/errors.ts'
import type { Event } from './event.ts'
import { type Redactor, redactedJson } from './redact.ts'

/** The one writer of a run's events. */
export interface Recorder {
  /** In the file within 200 ms. */
  record(event: Event): void
  /** On the disk when it resolves, with everything recorded before it. Rejects when the disk did not take it. */
  recordSynced(event: Event): Promise<void>
  /** Everything recorded so far, in order. */
  events(): readonly Event[]
  /** Calls `observe` with every event from now on, until the returned function is called. */
  subscribe(observe: (event: Event) => void): () => void
  readonly redactor: Redactor
  /** Why the file does not hold everything, or null. The events stay in memory and are tried again. */
  lost(): string | null
  /** Writes the rest. Throws EnvironmentError when the disk still does not take it. Again does nothing more. */
  close(): void
}

const FLUSH_MS = 100
const syncToDisk = promisify(fdatasync)

/** Opens a new history.jsonl. Every string is redacted on its way to the file, and stays whole in `events()`. */
export const openRecorder = (file: string, redactor: Redactor): Recorder => {
  const recorded: Event[] = []
  const observers = new Set<(event: Event) => void>()
  const writer = lineWriter(file)
  const timer = setInterval(() => writer.flush(), FLUSH_MS)
  timer.unref()
  const record = (event: Event): void => {
    recorded.push(event)
    writer.add(redactedJson(atFirst(event), redactor))
    for (const observe of observers) observe(event)
  }
  return {
    record,
    recordSynced: async (event) => {
      record(event)
      await writer.sync()
    },
    events: () => recorded,
    subscribe: (observe) => {
      observers.add(observe)
      return () => observers.delete(observe)
    },
    redactor,
    lost: () => writer.lost()?.message ?? null,
    close: () => {
      clearInterval(timer)
      writer.close()
    },
  }
}

// People read this file with their eyes: the time comes first on every line.
const atFirst = (event: Event): Event => {
  const { at, ...rest } = event
  return { at: Math.round(at * 1000) / 1000, ...rest } as Event
}

/** Appends lines in order; what the disk does not take now stays queued, from the exact byte it stopped at. */
const lineWriter = (file: string) => {
  const descriptor = openEmpty(file)
  let pending = Buffer.alloc(0)
  let added: string[] = []
  let failure: EnvironmentError | null = null
  let isClosed = false
  const flush = (): void => {
    if (added.length > 0) pending = Buffer.concat([pending, Buffer.from(`${added.join('\n')}\n`)])
    added = []
    try {
      while (pending.length > 0) pending = pending.subarray(writeSync(descriptor, pending))
      failure = null
    } catch (cause) {
      // A full disk must not end the drill while a fault is in effect: it is told by lost(), sync() and close().
      failure = diskError(file, pending.length, cause)
    }
  }
  const flushOrThrow = (): void => {
    flush()
    if (failure) throw failure
  }
  return {
    add: (line: string) => void added.push(line),
    flush,
    lost: () => failure,
    sync: async () => {
      flushOrThrow()
      await syncToDisk(descriptor)
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      try {
        flushOrThrow()
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

const openEmpty = (file: string): number => {
  const descriptor = openSync(file, 'a')
  if (fstatSync(descriptor).size === 0) return descriptor
  closeSync(descriptor)
  throw new EnvironmentError(`${file} already holds a history. Record into a folder of its own.`, {
    code: 'ERR_HISTORY_EXISTS',
  })
}

const diskError = (file: string, bytes: number, cause: unknown): EnvironmentError =>
  new EnvironmentError(
    `The history could not be written: ${file} took all but the last ${bytes} bytes (${cause instanceof Error ? cause.message : cause}). Free space on its disk and run again.`,
    { code: 'ERR_HISTORY_WRITE', cause },
  )
