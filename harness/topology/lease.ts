// Who lives: a run holds a lease while its process does, so that cleaning never touches the living.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../time/errors.ts'

/** One run's claim on its containers. `up` deployments stay until `down`, whatever became of the process. */
export interface Lease {
  readonly run: string
  readonly kind: 'drill' | 'up'
  readonly subnet: string
  readonly pid: number
  /** The process's start time in kernel ticks: a pid alone may have been given to somebody else. */
  readonly startTicks: string
  /** ISO 8601. */
  readonly since: string
}

const CLEARED_WITHIN_MS = 60_000

/** The kernel's letters for a process that has ended. */
const DEAD = new Set(['Z', 'X', 'x'])

const leaseFolder = (): string =>
  process.env.FIREDRILL_LEASES ?? join(tmpdir(), `firedrill-leases-${userInfo().username}`)

/** A file of a run beside its lease, which goes with it. */
export const leaseFile = (run: string, kind: 'json' | 'faults.jsonl' | 'clearing'): string => {
  mkdirSync(leaseFolder(), { recursive: true, mode: 0o700 })
  return join(leaseFolder(), `${run}.${kind}`)
}

/** When the process began; null where none lives by this number. One that died and was not waited for is still listed: it is dead. */
const startTicksOf = (pid: number): string | null => {
  try {
    // The command's name, in parentheses, may itself hold spaces: fields 3 (its state) and 22 are counted after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return DEAD.has(fields[0] ?? '') ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

const isRunning = ({ pid }: { readonly pid: number }): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the run's containers belong to somebody: its process lives, or it is an `up` deployment. */
export const isAlive = (lease: Lease): boolean => {
  if (lease.kind === 'up') return true
  if (lease.startTicks === 'unknown') return isRunning(lease)
  return startTicksOf(lease.pid) === lease.startTicks
}

interface Clearer {
  readonly pid: number
  readonly startTicks: string
}

const clearerIn = async (file: string): Promise<Clearer | null> => {
  const text = await readFile(file, 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Clearer)
}

const isAtIt = (clearer: Clearer | null): boolean =>
  clearer !== null && (clearer.startTicks === 'unknown' ? isRunning : isSame)(clearer)

const isSame = ({ pid, startTicks }: Clearer): boolean => startTicksOf(pid) === startTicks

/** A link is made whole, and by one of several at most. False where somebody else has it. */
const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

/** Puts the claim of somebody who died at it aside; a claim that came in its place meanwhile is put back. */
const setAside = async (file: string, aside: string): Promise<void> => {
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
  const own: Clearer = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 'unknown' }
  await writeFile(part, JSON.stringify(own), { mode: 0o600 })
  try {
    if (!(await linked(part, file))) {
      if (isAtIt(await clearerIn(file))) return null
      await setAside(file, `${part}.dead`)
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

/** Resolves once nobody clears the run. Throws EnvironmentError after a minute. */
const untilCleared = async (run: string): Promise<void> => {
  const until = Date.now() + CLEARED_WITHIN_MS
  while (isAtIt(await clearerIn(leaseFile(run, 'clearing')))) {
    if (Date.now() > until)
      throw new EnvironmentError(`What an earlier ${run} left is still being cleared: run \`npm run clean\`.`, {
        code: 'ERR_CLEARING',
      })
    await pause(100)
  }
}

/** Writes the lease of this process for a run; waits where what an earlier one left is still being cleared. */
export const takeLease = async (claim: Pick<Lease, 'run' | 'kind' | 'subnet'>): Promise<Lease> => {
  await untilCleared(claim.run)
  const lease: Lease = {
    ...claim,
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? 'unknown',
    since: new Date().toISOString(),
  }
  // Whole or not at all: the warden reads it whenever it likes.
  const part = `${leaseFile(lease.run, 'json')}.part`
  await writeFile(part, JSON.stringify(lease), { mode: 0o600 })
  await rename(part, leaseFile(lease.run, 'json'))
  return lease
}

/** Ends a run's lease, and what is written of its faults with it; nothing happens when it has none. */
export const endLease = async (run: string): Promise<void> => {
  await rm(leaseFile(run, 'json'), { force: true })
  await rm(leaseFile(run, 'faults.jsonl'), { force: true })
}

/** A run's lease, alive or not; null where it has none. */
export const leaseOf = async (run: string): Promise<Lease | null> =>
  (await leases()).find((lease) => lease.run === run) ?? null

/** Every lease on this machine, the dead ones too. An unreadable file is left out: it claims nothing. */
export const leases = async (): Promise<readonly Lease[]> => {
  const names = await readdir(leaseFolder()).catch(() => [])
  const read = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name): Promise<Lease | null> => {
      try {
        return JSON.parse(await readFile(join(leaseFolder(), name), 'utf8')) as Lease
      } catch {
        return null
      }
    })
  return (await Promise.all(read)).filter((lease) => lease !== null)
}
