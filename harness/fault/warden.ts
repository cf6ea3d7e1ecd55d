// The warden of a run: a process of its own that outlives the harness, heals what it left when it dies, and goes with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError, FaultError } from '../time/errors.ts'
import { within } from '../time/turns.ts'
import { isAlive, type Lease, leaseOf } from '../topology/lease.ts'
import { clearRun, undoRun } from './clearing.ts'
import { noteClear, type OpenFault, openFaults } from './fault-log.ts'
import { undo } from './undoing.ts'

const LOOK_EVERY_MS = 250
/** The harness heals a fault at the end of its longest life by itself; it may hang. */
const GRACE_MS = 15_000
/** What would not be undone is left in peace for as long before it is tried again. */
const NEXT_TRY_MS = 5000
/** An engine that is being restarted answers again before that. Whatever was begun then has as long again: it may be on its way to the end. */
const CLEAR_LIMIT_MS = 60_000

/**
 * Starts a run's warden: it holds nothing of ours, and none of our signals reach it. Resolves with its process id. Throws
 * EnvironmentError where this machine starts no process.
 */
export const startWarden = async (run: string): Promise<number | undefined> => {
  const { FIREDRILL_RUN, ...env } = process.env
  const program = join(import.meta.dirname, 'warden-program.ts')
  try {
    const warden = spawn(process.execPath, [program, run], { detached: true, stdio: 'ignore', env })
    warden.unref()
    await once(warden, 'spawn')
    return warden.pid
  } catch (cause) {
    throw new EnvironmentError(
      `The warden of ${run} could not be started, and nothing is broken without one: ${(cause as Error).message}.`,
      { code: 'ERR_WARDEN', cause },
    )
  }
}

/**
 * Watches until the run's lease is ended, or its process has died: then it clears what is left. A deployment that is kept has
 * its faults undone, and nothing removed. Rejects when it cannot.
 */
export const watchOver = async (run: string, limitMs = CLEAR_LIMIT_MS): Promise<void> => {
  const endOverdue = watchLives(run)
  for (;;) {
    const lease = await leaseSeen(run, limitMs)
    if (!lease) return
    if (lease.kind === 'up') return untilDone(run, limitMs, async () => (await undoRun(run))?.failed.length === 0)
    // Whoever else clears it may die at it: only a lease that is gone says that it is done.
    if (!isAlive(lease))
      return untilDone(run, limitMs, async () => (await clearRun(run)) !== null || !(await leaseOf(run)))
    endOverdue()
    await pause(LOOK_EVERY_MS)
  }
}

/** A machine without a file to spare has one again: a lease that cannot be read is there still, and is looked for again until `limitMs` have passed. */
const leaseSeen = async (run: string, limitMs: number): Promise<Lease | null> => {
  for (const until = Date.now() + limitMs; ; await pause(LOOK_EVERY_MS)) {
    try {
      return await leaseOf(run)
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}

/** Undoes faults that are older than their longest life; nobody waits for it, since an engine may hang, and a harness die. */
const watchLives = (run: string): (() => void) => {
  let isAtIt = false
  let notBefore = 0
  return () => {
    const late = overdue(run)
    if (isAtIt || late.length === 0 || Date.now() < notBefore) return
    isAtIt = true
    void undone(run, late).finally(() => {
      isAtIt = false
      notBefore = Date.now() + NEXT_TRY_MS
    })
  }
}

/** None where the log cannot be read: that is no reason to leave before the run's process does. */
const overdue = (run: string): readonly OpenFault[] => {
  try {
    return openFaults(run).filter(({ at, longestMs }) => Date.now() >= at + longestMs + GRACE_MS)
  } catch {
    return []
  }
}

/** A full disk leaves them in the log: the next try undoes them again, which does no harm. */
const undone = async (run: string, faults: readonly OpenFault[]): Promise<void> => {
  for (const fault of faults.toReversed()) {
    if ((await undo(fault.undo)).length > 0) continue
    try {
      noteClear(run, fault)
    } catch {}
  }
}

const untilDone = async (run: string, limitMs: number, act: () => Promise<boolean>): Promise<void> => {
  const until = Date.now() + limitMs
  const silent = (): Error => new Error('the engine does not answer')
  for (;;) {
    let because: unknown
    try {
      if (await within(act(), 2 * limitMs, silent)) return
    } catch (error) {
      because = error
    }
    if (Date.now() > until)
      throw new FaultError(`${run} was not cleared within ${limitMs / 1000} s: run \`npm run clean\`.`, {
        code: 'ERR_NOT_CLEARED',
        cause: because,
      })
    await pause(LOOK_EVERY_MS)
  }
}
