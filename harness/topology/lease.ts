// Who lives: a run holds a lease while its process does, so that cleaning never touches the living.

import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

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

const leaseFolder = (): string =>
  process.env.FIREDRILL_LEASES ?? join(tmpdir(), `firedrill-leases-${userInfo().username}`)

const startTicksOf = (pid: number): string | null => {
  try {
    // The command's name, in parentheses, may itself hold spaces: field 22 is counted after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

const isRunning = (pid: number): boolean => {
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
  if (lease.startTicks === 'unknown') return isRunning(lease.pid)
  return startTicksOf(lease.pid) === lease.startTicks
}

/** Writes the lease of this process for a run. */
export const takeLease = async (claim: Pick<Lease, 'run' | 'kind' | 'subnet'>): Promise<Lease> => {
  const lease: Lease = {
    ...claim,
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? 'unknown',
    since: new Date().toISOString(),
  }
  await mkdir(leaseFolder(), { recursive: true, mode: 0o700 })
  await writeFile(join(leaseFolder(), `${lease.run}.json`), JSON.stringify(lease), { mode: 0o600 })
  return lease
}

/** Ends a run's lease; nothing happens when it has none. */
export const endLease = (run: string): Promise<void> => rm(join(leaseFolder(), `${run}.json`), { force: true })

/** Every lease on this machine, the dead ones too. An unreadable file is left out: it claims nothing. */
export const leases = async (): Promise<readonly Lease[]> => {
  const names = await readdir(leaseFolder()).catch(() => [])
  const read = names.map(async (name): Promise<Lease | null> => {
    try {
      return JSON.parse(await readFile(join(leaseFolder(), name), 'utf8')) as Lease
    } catch {
      return null
    }
  })
  return (await Promise.all(read)).filter((lease) => lease !== null)
}
