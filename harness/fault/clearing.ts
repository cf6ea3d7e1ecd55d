// Puts right what runs that died left behind: their faults are undone, and what carries their label is removed.
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { elsewhereAmong, nameOfEngine } from '../topology/engine-id.ts'
import { restartStuckEngine } from '../topology/engine-restart.ts'
import type { Holder, Life } from '../topology/holder.ts'
import {
  endLease,
  isAlive,
  type Lease,
  leaseOf,
  leases,
  lifeByLease,
  untilCleared,
  whileClearing,
} from '../topology/lease.ts'
import { lifeBy, type Owner, ownersOf } from '../topology/owner.ts'
import { BY_HAND, remove, removeHelpers, residueOf } from '../topology/residue.ts'
import { mayEndYet } from './ending.ts'
import { noteClear, type OpenFault, openFaults } from './fault-log.ts'
import { endProcesses } from './processes-of.ts'
import { QUIET_MS } from './quiet.ts'
import { undo } from './undoing.ts'

const QUIET_LIMIT_MS = 30_000
const LOOK_EVERY_MS = 100
/** A warden that cannot clear a run tries again and again for a minute. */
const TURN_LIMIT_MS = 90_000

/** What was cleared of one run. */
export interface Cleared {
  readonly run: string
  /** Its deployment stays: faults were undone, and nothing of it was removed. */
  readonly isKept: boolean
  /** Faults that were undone: 'isolate of data-plane-1'. */
  readonly faults: readonly string[]
  /** What would not be undone. It was removed with its container, or `remains` says why not. */
  readonly failed: readonly string[]
  /** Why it is not cleared: it is found dead, and cleared, again. Absent where it is. */
  readonly remains?: string
  /** It is not cleared because the engine has lost count of who is on its network. */
  readonly isStuck?: true
  /** It was cleared once the engine was restarted. */
  readonly afterRestart?: true
  /** The other engine that it is on, where nothing of it was touched: only its lease was ended. */
  readonly elsewhere?: string
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
    const { open, unread } = openOrUnread(run)
    // Whoever is removed next needs no start.
    const failed = await undo(open.flatMap((fault) => fault.undo).filter(({ act }) => act !== 'start'))
    await removeForGood(run)
    await endLease(run)
    return { run, isKept: false, faults: open.map(called), failed: [...unread, ...failed] }
  })

/** What is open, or why nobody can say: whatever that is ends with its containers, so it keeps nobody from removing them. */
const openOrUnread = (run: string): { readonly open: readonly OpenFault[]; readonly unread: readonly string[] } => {
  try {
    return { open: openFaults(run), unread: [] }
  } catch (error) {
    return { open: [], unread: [(error as Error).message] }
  }
}

/** Also where nobody can say: whoever undoes it tells why. */
const mayBeBroken = (run: string): boolean => {
  const { open, unread } = openOrUnread(run)
  return open.length + unread.length > 0
}

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
      const stuck = [...(await undo(fault.undo)), ...(await mayEndYet(fault))]
      if (stuck.length === 0) noteClear(run, fault)
      failed.push(...stuck)
    }
    await removeHelpers(run)
    return { run, isKept: true, faults: open.map(called), failed }
  })

/** Removes until nothing has appeared for `QUIET_MS`: for a run whose processes may have died at something. Rejects when something would not go. */
export const removeForGood = async (run: string): Promise<void> => {
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

/** Clears a dead run, or heals one that stays; where somebody else is at it, looks again once they are through: they may fail, or die of it. */
const inTurn = async (
  run: string,
  clear: { readonly isKept: boolean; act(): Promise<Cleared | null>; isLeft(): Promise<boolean> },
): Promise<Cleared | null> => {
  const until = Date.now() + TURN_LIMIT_MS
  try {
    for (;;) {
      const cleared = await clear.act()
      if (cleared) return cleared
      await untilCleared(run, Math.max(0, until - Date.now()))
      if (!(await clear.isLeft())) return null
      if (Date.now() > until) throw new Error(`somebody else is still at it after ${TURN_LIMIT_MS / 1000} s.`)
    }
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: string }
    const isStuck = code === 'ERR_ENGINE_STUCK' && { isStuck: true as const }
    return { run, isKept: clear.isKept, faults: [], failed: [], remains: message, ...isStuck }
  }
}

const clearInTurn = (run: string, mayLive: (lease: Lease) => boolean = isAlive): Promise<Cleared | null> =>
  inTurn(run, {
    isKept: false,
    act: () => clearRun(run, mayLive),
    isLeft: async () => {
      const lease = await leaseOf(run)
      return lease ? !mayLive(lease) : (await residueOf(run)).length > 0
    },
  })

const undoInTurn = (run: string): Promise<Cleared | null> =>
  inTurn(run, { isKept: true, act: () => undoRun(run), isLeft: async () => mayBeBroken(run) })

/** A run that left something and is not cleared, since it lives, since nobody here can tell, or since it is on another engine. */
export interface LeftAlone {
  readonly run: string
  readonly life: Exclude<Life, 'dead'> | 'elsewhere'
  /** Whose it is; null where nobody told. */
  readonly owner: Owner | null
  /** The other engine's ID, or where it was asked, where it is elsewhere. */
  readonly engine?: string
}

/** A run with something of it on the engine, and what is known of it: by this user's lease, else by what its owners told. */
interface Standing {
  readonly run: string
  readonly life: Life | 'elsewhere'
  readonly lease: Lease | null
  readonly owner: Owner | null
}

/** Of a run on another engine nothing can be seen but whether its process lives. */
const lifeSeen = (lease: Lease, others: readonly Lease[]): Standing['life'] => {
  const isSeen = lease.kind === 'drill' && lifeByLease(lease) === 'alive'
  return others.includes(lease) && !isSeen ? 'elsewhere' : lifeByLease(lease)
}

const standing = async (held: readonly Lease[], others: readonly Lease[]): Promise<readonly Standing[]> => {
  // Asked on both sides of what there is: a run that begins tells first, and one that is removed takes it away last.
  const before = await ownersOf()
  const left = (await residueOf()).map(({ run }) => run).filter((run) => run !== BY_HAND)
  const after = await ownersOf()
  const unseen = held
    .filter((lease) => ['unknown', 'elsewhere'].includes(lifeSeen(lease, others)))
    .map(({ run }) => run)
  return [...new Set([...left, ...unseen])].map((run) => {
    const lease = held.find((each) => each.run === run) ?? null
    const told = [...(before.get(run) ?? []), ...(after.get(run) ?? [])]
    const life = lease ? lifeSeen(lease, others) : lifeBy(told)
    return { run, life, lease, owner: told.find((each) => lifeBy([each]) === 'alive') ?? told[0] ?? null }
  })
}

/**
 * Clears every run that left anything and is dead: by its lease, where this user has it, else by its owner's process, where that ran
 * on this machine. An `up` deployment has its faults undone, and stays. The living, the hand-made, those of which nobody here can
 * tell and those of another engine are not touched. One that would not go says why, and keeps none of the others. Where the engine has
 * lost count of who is on a network, it is restarted if it is one that set-up started and nobody is on it.
 */
export const clearDead = async (): Promise<readonly Cleared[]> => againWhereStuck(await clearWhoIsDead(), isAlive)

/** Clears again whoever an engine that has lost count held up, once it was restarted. */
const againWhereStuck = async (
  cleared: readonly Cleared[],
  mayLive: (lease: Lease) => boolean,
): Promise<readonly Cleared[]> => {
  const stuck = cleared.filter(({ isStuck }) => isStuck)
  if (stuck.length === 0 || (await restartStuckEngine()) !== null) return cleared
  const again = await Promise.all(stuck.map(({ run }) => clearInTurn(run, mayLive)))
  return [
    ...cleared.filter(({ isStuck }) => !isStuck),
    ...again.filter((each) => each !== null).map((each) => ({ ...each, afterRestart: true as const })),
  ]
}

const clearWhoIsDead = async (): Promise<readonly Cleared[]> => {
  const held = await leases()
  const others = await elsewhereAmong(held)
  const own = held.filter((lease) => !others.includes(lease))
  const dead = own.filter((lease) => !isAlive(lease)).map(({ run }) => run)
  const left = (await standing(held, others)).filter(({ life }) => life === 'dead').map(({ run }) => run)
  const broken = own.filter(({ run, kind }) => kind === 'up' && mayBeBroken(run)).map(({ run }) => run)
  const clearing = [...new Set([...left, ...dead])].map((run) => clearInTurn(run))
  const cleared = await Promise.all([...clearing, ...broken.map(undoInTurn)])
  return cleared
    .filter((each) => each !== null)
    .filter(({ run, isKept, remains }) => isKept || remains !== undefined || left.includes(run))
}

/** What is on the engine and is not this user's own living: it is another's, or nobody here can tell; and what this user has on other engines. */
export const leftAlone = async (): Promise<readonly LeftAlone[]> => {
  const held = await leases()
  return (await standing(held, await elsewhereAmong(held))).flatMap(({ run, life, lease, owner }) => {
    if (life === 'dead' || (lease && life === 'alive')) return []
    return [{ run, life, owner, ...(life === 'elsewhere' && lease && { engine: nameOfEngine(lease) }) }]
  })
}

/**
 * Clears runs that somebody insists on by their names, though nobody here can tell whether they live; forgets those of another engine,
 * which may be no more. Throws ScenarioError ERR_RUN, before anything is cleared, where one does live, or left nothing.
 */
export const clearNamed = async (runs: readonly string[]): Promise<readonly Cleared[]> => {
  const held = await leases()
  const others = await elsewhereAmong(held)
  const all = await standing(held, others)
  const named = runs.map((run) => all.find((each) => each.run === run) ?? run)
  for (const each of named) refuseLiving(each, all)
  const mayLive = (lease: Lease): boolean => lifeByLease(lease) === 'alive'
  const cleared: Cleared[] = []
  for (const run of runs) {
    const other = others.find((lease) => lease.run === run)
    const done = other ? await forget(other) : await clearInTurn(run, mayLive)
    if (done) cleared.push(done)
  }
  return againWhereStuck(cleared, mayLive)
}

/** What is on that engine says there whose it is, and is cleared from there. */
const forget = async (lease: Lease): Promise<Cleared> => {
  await endLease(lease.run)
  return { run: lease.run, isKept: true, faults: [], failed: [], elsewhere: nameOfEngine(lease) }
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
