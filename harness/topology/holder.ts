// Who holds a run: a process, told so that others on its machine can find out whether it lives, and elsewhere that they cannot.
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, and where its number means it. */
export interface Holder {
  readonly pid: number
  /** The process's start time in kernel ticks: a pid alone may have been given to somebody else. */
  readonly startTicks: string
  /** The machine's own name. */
  readonly host: string
  /** The kernel's name for the time since it began; empty where it does not tell. */
  readonly boot: string
  /** The pid namespace: in a container the same number is another process. Empty where the kernel does not tell. */
  readonly pids: string
}

/** Whether a process lives, as far as it can be seen from here. */
export type Life = 'alive' | 'dead' | 'unknown'

/** The kernel's letters for a process that has ended and was not waited for: it is still listed. */
const DEAD = new Set(['Z', 'X', 'x'])

const told = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ''
  }
}

/** Where this process's own numbers count. */
export const here = (): Pick<Holder, 'host' | 'boot' | 'pids'> => ({
  host: hostname(),
  boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  pids: told(() => readlinkSync('/proc/self/ns/pid')),
})

/** This process. */
export const thisProcess = (): Holder => ({
  pid: process.pid,
  startTicks: statOf(process.pid)?.startTicks ?? 'unknown',
  ...here(),
})

/** Null where there is no /proc, or where it does not show the processes of others (`hidepid`). */
const statOf = (pid: number): { readonly state: string; readonly startTicks: string } | null => {
  try {
    // The command's name, in parentheses, may itself hold spaces: fields 3 (its state) and 22 are counted after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' }
  } catch {
    return null
  }
}

/** Also of another user's process, and where /proc hides those. */
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the process lives, of which it is known that it is, or was, one of those that are numbered here. */
export const isRunning = ({ pid, startTicks }: Pick<Holder, 'pid' | 'startTicks'>): boolean => {
  if (!isThere(pid)) return false
  const stat = statOf(pid)
  if (stat === null) return true
  return !DEAD.has(stat.state) && (startTicks === 'unknown' || stat.startTicks === startTicks)
}

/** A machine or a container that began anew has none of its processes; of another one nothing can be seen from here. */
export const lifeOf = (holder: Holder): Life => {
  const { host, boot, pids } = here()
  if (differ(holder.boot, boot) || differ(holder.pids, pids)) return holder.host === host ? 'dead' : 'unknown'
  return isRunning(holder) ? 'alive' : 'dead'
}

/** What was not told differs from nothing. */
const differ = (one: string, other: string): boolean => one !== '' && other !== '' && one !== other
