// Keeps who looks on, Playwright with its browser, out of the way of the containers: what is measured must not wait for it.
import { readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { onPath, run } from '../setup/command.ts'

const LEAST_NICENESS = 10
const TASKSET_LIMIT_MS = 5_000

/** Half of the processors that a process may run on, from Linux's own list of them ('0-3,8'); null of fewer than two. */
export const halfOf = (allowed: string): string | null => {
  const all = allowed.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return all.length < 2 ? null : all.slice(0, Math.floor(all.length / 2)).join(',')
}

const allowedCpus = (): string => {
  try {
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  } catch {
    // Not Linux.
    return ''
  }
}

/**
 * The words before a program that keep it on half of the processors: a browser has a dozen threads, and would be on all of them at once.
 * None where this machine will not have it: then it is niced alone.
 */
export const onHalfOfTheCpus = async (allowed = allowedCpus()): Promise<readonly string[]> => {
  const half = halfOf(allowed)
  if (half === null || onPath('taskset') === undefined) return []
  const words = ['taskset', '-c', half]
  const tried = await run([...words, process.execPath, '--version'], { limitMs: TASKSET_LIMIT_MS })
  return tried.ok ? words : []
}

/** Lets a process yield to others, and no less than it does already: only root may take niceness away. */
export const yieldToOthers = (pid: number): void => {
  try {
    setPriority(pid, Math.max(getPriority(pid), LEAST_NICENESS))
  } catch {
    // It is over, or this machine will not have it: the drill's own doubts say whether that was felt.
  }
}
