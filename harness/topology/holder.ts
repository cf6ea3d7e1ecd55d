// Who holds a run: a process, told so that others on its machine can find out whether it lives, and elsewhere that they cannot.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, and where its number means it. */
export interface Holder {
  readonly pid: number
  /** The process's start time in kernel ticks, or in seconds where there is no /proc: a pid alone may have been given to somebody else. */
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

const PS_LIMIT_MS = 1000

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
  startTicks: seen(process.pid)?.startTicks ?? 'unknown',
  ...here(),
})

interface Seen {
  readonly state: string
  readonly startTicks: string
}

/** A process as it is listed; null where nobody tells. */
const seen = (pid: number): Seen | null => (process.platform === 'linux' ? inProc(pid) : byPs(pid))

/** Null where /proc does not show the processes of others (`hidepid`). */
const inProc = (pid: number): Seen | null => {
  try {
    // The command's name, in parentheses, may itself hold spaces: fields 3 (its state) and 22 are counted after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' }
  } catch {
    return null
  }
}

/** On macOS there is no /proc. `S+   Sat Nov 28 22:15:55 2026`: each time in the same words, whatever the user's own are. */
const byPs = (pid: number): Seen | null => {
  try {
    const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`], {
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      encoding: 'utf8',
      timeout: PS_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [, state = '', since = ''] = /^(\S)\S* +(.*)/.exec(said) ?? []
    const sinceMs = Date.parse(`${since} UTC`)
    return Number.isNaN(sinceMs) ? null : { state, startTicks: `${sinceMs / 1000}` }
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
  const stat = seen(pid)
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
