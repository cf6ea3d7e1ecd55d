// Who waits for a processor, and for how long: nodes by their names, and what runs beside them.
import { readFileSync } from 'node:fs'
import type { Waited } from '../history/event.ts'
import { createCensus, type Group } from './census.ts'
import { createOwnLimits } from './own-limits.ts'
import { createThreadWaits } from './thread-waits.ts'

/** More threads than that are not followed: then it may have been anybody. */
const MOST_THREADS = 4000

export interface RunQueues {
  /** Looks for processes and threads that are new. Answers with the containers that nobody has named yet. */
  find(at: number): readonly string[]
  /** Whose a container is; null for one that does not matter. */
  name(container: string, who: string | null): void
  /** Who waited since they were last looked at; null where not everybody who is expected can be seen, or the kernel does not count. */
  look(at: number): Waited | null
  close(): void
}

/** Where processes are found and their control groups, whose children the browser is, and the containers without which nothing is said. */
export interface RunQueuesPlan {
  readonly proc?: string
  readonly groups?: string
  readonly own?: number
  readonly expected: readonly string[]
}

/** A limit on processors of a container's own makes its threads wait too: while it does, they count as waiting for nothing. */
export const createRunQueues = ({
  proc = '/proc',
  groups = '/sys/fs/cgroup',
  own = process.pid,
  expected,
}: RunQueuesPlan): RunQueues => {
  const census = createCensus(proc, own)
  const threads = createThreadWaits<Group>(proc)
  const limits = createOwnLimits(proc, groups)
  const names = new Map<string, string | null>()
  const missing = new Set(expected)
  const isCounting = counts(`${proc}/${own}/schedstat`)
  let foundAt: number | null = null
  const nameOf = (group: Group): string | null | undefined => ('who' in group ? group.who : names.get(group.container))

  return {
    find(at) {
      const running = census.take()
      threads.forget(({ pid }) => !running.has(pid))
      const unnamed = new Set<string>()
      for (const [pid, group] of running) {
        if (!group) continue
        if ('container' in group) missing.delete(group.container)
        const who = nameOf(group)
        if (who === undefined && 'container' in group) unnamed.add(group.container)
        if (who === null || threads.size >= MOST_THREADS) continue
        try {
          // A browser has a hundred threads, and what its page does goes by the first of each process.
          if ('container' in group) limits.watch(group.container, pid)
          threads.follow(pid, group, { now: at, bornAfter: foundAt, first: 'who' in group })
        } catch {
          // It ended while it was looked at.
        }
      }
      foundAt = at
      return [...unnamed]
    },
    name(container, who) {
      names.set(container, who)
      if (who === null) threads.forget(({ group }) => 'container' in group && group.container === container)
    },
    look(at) {
      if (missing.size > 0 || threads.size >= MOST_THREADS || !isCounting) return null
      const held = limits.look()
      const waited = new Map<string, readonly [ms: number, since: number, firstMs: number]>()
      // What a container's threads wait before it has a name is told when it has one.
      for (const { group, ms, since, isFirst } of threads.look(at, (each) => typeof nameOf(each) === 'string')) {
        const who = nameOf(group)
        if (!who || ('container' in group && held.has(group.container))) continue
        const [allMs, earliest, firstMs] = waited.get(who) ?? [0, Infinity, 0]
        waited.set(who, [allMs + ms, Math.min(earliest, since), firstMs + (isFirst ? ms : 0)])
      }
      return Object.fromEntries(waited)
    },
    close() {
      threads.forget(() => true)
      limits.close()
    },
  }
}

/** Whoever runs has run for some time: where that is 0, the kernel does not count. */
const counts = (schedstat: string): boolean => {
  try {
    return /^[1-9]/.test(readFileSync(schedstat, 'utf8'))
  } catch {
    return false
  }
}
