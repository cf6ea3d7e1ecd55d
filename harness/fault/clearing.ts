// Puts right what runs that died left behind: their faults are undone, and what carries their label is removed.
import { endLease, isAlive, type Lease, leases, whileClearing } from '../topology/lease.ts'
import { remove, residueOf } from '../topology/residue.ts'
import { openFaults } from './fault-log.ts'
import { endProcesses } from './processes-of.ts'
import { undo } from './undoing.ts'

/** A deployment that somebody started with Compose by hand is that person's. */
const BY_HAND = 'by-hand'

/** What was cleared of one run. */
export interface Cleared {
  readonly run: string
  /** Faults that were undone: 'isolate of data-plane-1'. */
  readonly faults: readonly string[]
  /** What would not be undone. It was removed with its container, or the removal below rejected. */
  readonly failed: readonly string[]
}

/** Clears one run that is dead; null where somebody else is at it. Rejects when something would not go. Again does no harm. */
export const clearRun = (run: string): Promise<Cleared | null> =>
  whileClearing(run, async () => {
    await endProcesses(run)
    const open = openFaults(run)
    const failed = await undo(open.flatMap((fault) => fault.undo))
    await remove(run)
    await endLease(run)
    return { run, faults: open.map(({ kind, targets }) => `${kind} of ${targets.join(', ')}`), failed }
  })

/** Clears every run with a dead lease, or with none, that left anything. The living and the hand-made stay. */
export const clearDead = async (): Promise<readonly Cleared[]> => {
  const held = await leases()
  const living = new Set(held.filter(isAlive).map((lease) => lease.run))
  const dead = held.filter((lease: Lease) => !isAlive(lease)).map(({ run }) => run)
  const left = (await residueOf()).map((each) => each.run).filter((run) => run !== BY_HAND && !living.has(run))
  const cleared: (Cleared | null)[] = []
  for (const run of new Set([...left, ...dead])) cleared.push(await clearRun(run))
  return cleared.filter((each) => each !== null).filter(({ run }) => left.includes(run))
}
