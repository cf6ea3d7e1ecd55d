// The warden of a run: a process of its own that outlives the harness, heals what it left when it dies, and goes with it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isAlive, leaseOf } from '../topology/lease.ts'
import { clearRun } from './clearing.ts'
import { noteClear, openFaults } from './fault-log.ts'
import { undo } from './undoing.ts'

const LOOK_EVERY_MS = 250
/** The harness heals a fault at the end of its longest life by itself; it may hang. */
const GRACE_MS = 15_000
/** An engine that is being restarted answers again before that. */
const CLEAR_LIMIT_MS = 60_000

/** Starts a run's warden: it holds nothing of ours, and none of our signals reach it. Returns its process id. */
export const startWarden = (run: string): number | undefined => {
  const { FIREDRILL_RUN, ...env } = process.env
  const program = join(import.meta.dirname, 'warden-program.ts')
  const warden = spawn(process.execPath, [program, run], { detached: true, stdio: 'ignore', env })
  warden.unref()
  return warden.pid
}

/** Watches until the run's lease is ended, or its process has died: then it clears what is left. Rejects when it cannot. */
export const watchOver = async (run: string): Promise<void> => {
  for (;;) {
    const lease = await leaseOf(run)
    if (!lease) return
    if (!isAlive(lease)) return clearUntilDone(run)
    await endOverdue(run)
    await pause(LOOK_EVERY_MS)
  }
}

const endOverdue = async (run: string): Promise<void> => {
  for (const { id, at, longestMs, undo: steps } of openFaults(run)) {
    if (Date.now() < at + longestMs + GRACE_MS) continue
    if ((await undo(steps)).length === 0) noteClear(run, id)
  }
}

const clearUntilDone = async (run: string): Promise<void> => {
  const until = Date.now() + CLEAR_LIMIT_MS
  for (;;) {
    try {
      await clearRun(run)
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(LOOK_EVERY_MS)
    }
  }
}
