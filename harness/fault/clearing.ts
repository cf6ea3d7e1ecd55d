// Puts right what runs that died left behind: their faults are undone, and what carries their label is removed.
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import type { Holder, Life } from '../topology/holder.ts'
import { endLease, isAlive, type Lease, leaseOf, leases, lifeByLease, whileClearing } from '../topology/lease.ts'
import { lifeBy, type Owner, ownersOf } from '../topology/owner.ts'
import { BY_HAND, remove, removeHelpers, residueOf } from '../topology/residue.ts'
import { noteClear, type OpenFault, openFaults } from './fault-log.ts'
import { endProcesses } from './processes-of.ts'
import { undo } from './undoing.ts'

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
export const clearRun = (run: string, mayLive: (lease: Lease) => boolean = isAlive): Promise<Cleared | null> =>
  whileClearing(run, async () => {
    // Whoever asks may have looked at the leases some time ago.
    const lease = await leaseOf(run)
    if (lease && mayLive(lease)) return null
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

/** A run that left something and is not cleared, since it lives, or since nobody here can tell. */
export interface LeftAlone {
  readonly run: string
  readonly life: Exclude<Life, 'dead'>
  /** Whose it is; null where nobody told. */
  readonly owner: Owner | null
}

/** A run with something of it on the engine, and what is known of it: by this user's lease, else by what its owners told. */
interface Standing {
  readonly run: string
  readonly life: Life
  readonly lease: Lease | null
  readonly owner: Owner | null
}

const standing = async (): Promise<readonly Standing[]> => {
  const held = await leases()
  // Asked on both sides of what there is: a run that begins tells first, and one that is removed takes it away last.
  const before = await ownersOf()
  const left = (await residueOf()).map(({ run }) => run).filter((run) => run !== BY_HAND)
  const after = await ownersOf()
  const unseen = held.filter((lease) => lifeByLease(lease) === 'unknown').map(({ run }) => run)
  return [...new Set([...left, ...unseen])].map((run) => {
    const lease = held.find((each) => each.run === run) ?? null
    const told = [...(before.get(run) ?? []), ...(after.get(run) ?? [])]
    const life = lease ? lifeByLease(lease) : lifeBy(told)
    return { run, life, lease, owner: told.find((each) => lifeBy([each]) === 'alive') ?? told[0] ?? null }
  })
}

/**
 * Clears every run that left anything and is dead: by its lease, where this user has it, else by its owner's process, where that ran
 * on this machine. An `up` deployment has its faults undone, and stays. The living, the hand-made and those of which nobody here can
 * tell are not touched. Rejects, once it is through with all of them, when something would not go.
 */
export const clearDead = async (): Promise<readonly Cleared[]> => {
  const held = await leases()
  const dead = held.filter((lease) => !isAlive(lease)).map(({ run }) => run)
  const left = (await standing()).filter(({ life }) => life === 'dead').map(({ run }) => run)
  const broken = held.filter(({ run, kind }) => kind === 'up' && openFaults(run).length > 0).map(({ run }) => run)
  const clearing = [...new Set([...left, ...dead])].map((run) => clearRun(run))
  const ends = await Promise.allSettled([...clearing, ...broken.map(undoRun)])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return ends
    .flatMap((end) => (end.status === 'fulfilled' && end.value !== null ? [end.value] : []))
    .filter(({ run, isKept }) => isKept || left.includes(run))
}

/** What is on the engine and is not this user's own living: it is another's, or nobody here can tell. */
export const leftAlone = async (): Promise<readonly LeftAlone[]> =>
  (await standing()).flatMap(({ run, life, lease, owner }) =>
    life === 'dead' || (lease && life === 'alive') ? [] : [{ run, life, owner }],
  )

/**
 * Clears runs that somebody insists on by their names, though nobody here can tell whether they live. Throws ScenarioError ERR_RUN,
 * before anything is cleared, where one does live, or left nothing.
 */
export const clearNamed = async (runs: readonly string[]): Promise<readonly Cleared[]> => {
  const all = await standing()
  const named = runs.map((run) => all.find((each) => each.run === run) ?? run)
  for (const each of named) refuseLiving(each, all)
  const cleared: Cleared[] = []
  for (const run of runs) {
    const done = await clearRun(run, (lease) => lifeByLease(lease) === 'alive')
    if (done) cleared.push(done)
  }
  return cleared
}

const refuseLiving = (named: Standing | string, all: readonly Standing[]): void => {
  const because = typeof named === 'string' ? notThere(named, all) : whyLiving(named)
  if (because !== null) throw new ScenarioError(because, { code: 'ERR_RUN' })
}

const notThere = (run: string, all: readonly Standing[]): string => {
  if (run === BY_HAND) return `${run} is no run: whoever started it with Compose removes it with Compose.`
  return `${run} left nothing here: expected one of ${all.map((each) => each.run).join(', ') || '(nothing is left)'}.`
}

const whyLiving = ({ run, life, lease, owner }: Standing): string | null => {
  if (life !== 'alive') return null
  if (lease?.kind === 'up') return `${run} is up: \`npm run down\` removes it.`
  const holder: Holder | null = lease ?? owner
  const whose = owner ? ` of ${owner.user} on ${owner.host}` : ''
  return `${run} lives: process ${holder?.pid}${whose}. Wait for it, or end it; what it leaves is cleared then.`
}
