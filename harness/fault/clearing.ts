// Puts right what runs that died left behind: their faults are undone, and what carries their label is removed.
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../time/errors.ts'
import { endLease, isAlive, leaseOf, leases, whileClearing } from '../topology/lease.ts'
import { remove, removeHelpers, residueOf } from '../topology/residue.ts'
import { noteClear, type OpenFault, openFaults } from './fault-log.ts'
import { endProcesses } from './processes-of.ts'
import { undo } from './undoing.ts'

/** A deployment that somebody started with Compose by hand is that person's. */
const BY_HAND = 'by-hand'

/** What a process had asked of the engine in its last moment comes to be a little after it died: so long nothing may appear. */
const QUIET_MS = 1500
const QUIET_LIMIT_MS = 30_000
const LOOK_EVERY_MS = 100

/** What was cleared of one run. */
export interface Cleared {
  readonly run: string
  /** Its deployment stays: faults were undone, and nothing of it was removed. */
  readonly isKept: boolean
  /** Faults that were undone: 'isolate of data-plane-1'. */
  readonly faults: readonly string[]
  /** What would not be undone. It was removed with its container, or the removal below rejected. */
  readonly failed: readonly string[]
}

/**
 * Clears one run that is dead; null where somebody else is at it, or where it lives after all. Rejects when something would
 * not go. Again does no harm.
 */
export const clearRun = (run: string): Promise<Cleared | null> =>
  whileClearing(run, async () => {
    // Whoever asks may have looked at the leases some time ago.
    const lease = await leaseOf(run)
    if (lease && isAlive(lease)) return null
    await endProcesses(run)
    const open = openFaults(run)
    const failed = await undo(open.flatMap((fault) => fault.undo))
    await removeForGood(run)
    await endLease(run)
    return { run, isKept: false, faults: open.map(called), failed }
  })

const called = ({ kind, targets }: OpenFault): string => `${kind} of ${targets.join(', ')}`

/** Undoes what is open on a deployment that stays, last first; null where somebody else is at it. Again does no harm. */
export const undoRun = (run: string): Promise<Cleared | null> =>
  whileClearing(run, async () => {
    const open = openFaults(run).toReversed()
    const failed: string[] = []
    for (const fault of open) await undo(fault.undo)
    // A pause that was on its way when its process died comes after its own undoing: so once more.
    if (open.length > 0) await pause(QUIET_MS)
    for (const fault of open) {
      const stuck = await undo(fault.undo)
      if (stuck.length === 0) noteClear(run, fault)
      failed.push(...stuck)
    }
    await removeHelpers(run)
    return { run, isKept: true, faults: open.map(called), failed }
  })

/** Removes until nothing has appeared for `QUIET_MS`. */
const removeForGood = async (run: string): Promise<void> => {
  const until = Date.now() + QUIET_LIMIT_MS
  await remove(run)
  let quietSince = Date.now()
  while (Date.now() < quietSince + QUIET_MS) {
    await pause(LOOK_EVERY_MS)
    if ((await residueOf(run)).length === 0) continue
    if (Date.now() > until)
      throw new EnvironmentError(`Something goes on making containers of ${run}: end it, then run \`npm run clean\`.`, {
        code: 'ERR_NOT_QUIET',
      })
    await remove(run)
    quietSince = Date.now()
  }
}

/**
 * Clears every run with a dead lease, or with none, that left anything; an `up` deployment has its faults undone, and stays. The
 * living and the hand-made are not touched. Rejects, once it is through with all of them, when something would not go.
 */
export const clearDead = async (): Promise<readonly Cleared[]> => {
  const held = await leases()
  const living = new Set(held.filter(isAlive).map(({ run }) => run))
  const dead = held.map(({ run }) => run).filter((run) => !living.has(run))
  const left = (await residueOf()).map((each) => each.run).filter((run) => run !== BY_HAND && !living.has(run))
  const broken = held.filter(({ run, kind }) => kind === 'up' && openFaults(run).length > 0).map(({ run }) => run)
  const ends = await Promise.allSettled([...[...new Set([...left, ...dead])].map(clearRun), ...broken.map(undoRun)])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return ends
    .flatMap((end) => (end.status === 'fulfilled' && end.value !== null ? [end.value] : []))
    .filter(({ run, isKept }) => isKept || left.includes(run))
}
