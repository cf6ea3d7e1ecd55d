// Who lives: a run holds a lease while its process does, so that cleaning never touches the living.
import { randomUUID } from 'node:crypto'
import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../time/errors.ts'
import { endpoint, engineId } from './engine-id.ts'
import { type Holder, isRunning, type Life, lifeOf, thisProcess } from './holder.ts'

/** One run's claim on its containers. `up` deployments stay until `down`, whatever became of the process. */
export interface Lease extends Holder {
  readonly run: string
  readonly kind: 'drill' | 'up'
  readonly subnet: string
  /** ISO 8601. */
  readonly since: string
  /** The ID of the Docker engine that its containers are on; absent where it told none, or in a lease of an older version. */
  readonly engine?: string
  /** Where that engine was asked; absent in a lease of an older version. */
  readonly endpoint?: string
}

const CLEARED_WITHIN_MS = 60_000

/** There on every Linux and macOS, for every user, and after a restart of the machine too. */
const LASTING = '/var/tmp'

const leaseFolder = (): string => process.env.FIREDRILL_LEASES ?? ownFolder()

/** One a user, whatever TMPDIR says: two commands of one user have to see each other. A user may have a number and no name. */
const ownFolder = (): string => {
  const user = process.getuid?.() ?? userInfo().username
  const folder = join(isWritable(LASTING) ? LASTING : tmpdir(), `firedrill-leases-${user}`)
  const owner = lstatSync(folder, { throwIfNoEntry: false })?.uid ?? user
  if (process.getuid && owner !== user)
    throw new EnvironmentError(
      `${folder} belongs to user ${owner}, and not to this one: remove it, or set FIREDRILL_LEASES to a folder of your own.`,
      { code: 'ERR_LEASE_FOLDER' },
    )
  return folder
}

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A file of a run beside its lease, which goes with it. */
export const leaseFile = (run: string, kind: 'json' | 'faults.jsonl' | 'clearing' | 'trace'): string => {
  const folder = leaseFolder()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, `${run}.${kind}`)
}

/** Whether a run lives by its lease: an `up` deployment does without its process. */
export const lifeByLease = (lease: Lease): Life => (lease.kind === 'up' ? 'alive' : lifeOf(lease))

/** Whether the run's containers belong to somebody, as far as can be told here. */
export const isAlive = (lease: Lease): boolean => lifeByLease(lease) !== 'dead'

type Clearer = Pick<Holder, 'pid' | 'startTicks'>

/** Null where nobody claims it: a claim comes whole, so that one which cannot be read is of somebody whose disk was full, or whose machine fell. */
const clearerIn = async (file: string): Promise<Clearer | null> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Clearer
  } catch {
    return null
  }
}

const isAtIt = (clearer: Clearer | null): boolean => clearer !== null && isRunning(clearer)

/** A link is made whole, and by one of several at most. False where somebody else has it. */
const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

/** Takes the claim of somebody who died at it away; a claim that came in its place meanwhile is put back. */
const removeDeadClaim = async (file: string, aside: string): Promise<void> => {
  await rename(file, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (isAtIt(await clearerIn(aside))) await linked(aside, file)
  await rm(aside, { force: true })
}

/** Does the work while nobody else clears the same run; null where somebody is at it. Who died at it is taken over from. */
export const whileClearing = async <T>(run: string, work: () => Promise<T>): Promise<T | null> => {
  const file = leaseFile(run, 'clearing')
  const part = `${file}.${randomUUID()}`
  await writeFile(part, JSON.stringify(thisProcess()), { mode: 0o600 })
  try {
    if (!(await linked(part, file))) {
      if (isAtIt(await clearerIn(file))) return null
      await removeDeadClaim(file, `${part}.dead`)
      if (!(await linked(part, file))) return null
    }
  } finally {
    await rm(part, { force: true })
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

/** Resolves once nobody clears the run. Throws EnvironmentError after `limitMs`. */
export const untilCleared = async (run: string, limitMs = CLEARED_WITHIN_MS): Promise<void> => {
  const until = Date.now() + limitMs
  while (isAtIt(await clearerIn(leaseFile(run, 'clearing')))) {
    if (Date.now() > until)
      throw new EnvironmentError(`What an earlier ${run} left is still being cleared: run \`npm run clean\`.`, {
        code: 'ERR_CLEARING',
      })
    await pause(100)
  }
}

/** Writes the lease of this process for a run on the engine that answers; waits where what an earlier one left is still being cleared. */
export const takeLease = async (claim: Pick<Lease, 'run' | 'kind' | 'subnet'>): Promise<Lease> => {
  await untilCleared(claim.run)
  const engine = await engineId()
  const since = new Date().toISOString()
  const lease: Lease = {
    ...claim,
    ...thisProcess(),
    since,
    endpoint: endpoint(),
    ...(engine !== null && { engine }),
  }
  // Whole or not at all: the warden reads it whenever it likes.
  const part = `${leaseFile(lease.run, 'json')}.part`
  await writeFile(part, JSON.stringify(lease), { mode: 0o600 })
  await rename(part, leaseFile(lease.run, 'json'))
  return lease
}

/** Ends a run's lease, and what is written of its faults with it, and a trace that its browser left; nothing happens when it has none. */
export const endLease = async (run: string): Promise<void> => {
  await rm(leaseFile(run, 'json'), { force: true })
  await rm(leaseFile(run, 'faults.jsonl'), { force: true })
  await rm(leaseFile(run, 'trace'), { recursive: true, force: true })
}

/** A run's lease, alive or not; null where it has none. */
export const leaseOf = async (run: string): Promise<Lease | null> =>
  (await leases()).find((lease) => lease.run === run) ?? null

/**
 * Every lease of this user on this machine, the dead ones too. A torn file is left out: it claims nothing. Rejects where they cannot be
 * read: a machine without a file to spare has leases all the same.
 */
export const leases = async (): Promise<readonly Lease[]> => {
  const names = await readdir(leaseFolder()).catch(unlessThere([]))
  const read = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name): Promise<Lease | null> => {
      const text = await readFile(join(leaseFolder(), name), 'utf8').catch(unlessThere(null))
      try {
        return text === null ? null : (JSON.parse(text) as Lease)
      } catch {
        return null
      }
    })
  return (await Promise.all(read)).filter((lease) => lease !== null)
}

/** What there is where nothing is; any other failure stays one. */
const unlessThere =
  <T>(nothing: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return nothing
    throw error
  }
