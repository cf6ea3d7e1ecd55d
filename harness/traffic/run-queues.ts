// Who waits for a processor, and for how long: nodes by their names, and what runs beside them.
import { readFileSync } from 'node:fs'
import type { Waited } from '../history/event.ts'
import { createCensus, type Group } from './census.ts'
import { createOwnLimits } from './own-limits.ts'
import { createThreadWaits, hasEnded, type ThreadWait } from './thread-waits.ts'

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
  let foundAt: number | null = null
  let isBlind = !counts(`${proc}/${own}/schedstat`)
  const nameOf = (group: Group): string | null | undefined => ('who' in group ? group.who : names.get(group.container))

  return {
    find(at) {
      let running: ReturnType<typeof census.take> = new Map()
      try {
        running = census.take()
      } catch {
        isBlind = true
      }
      threads.forget(({ pid }) => !running.has(pid))
      const unnamed = new Set<string>()
      for (const [pid, group] of running) {
        if (!group) continue
        if ('container' in group) missing.delete(group.container)
        const who = nameOf(group)
        if (who === undefined && 'container' in group) unnamed.add(group.container)
        if (who === null || threads.size >= MOST_THREADS) continue
        try {
          if ('container' in group) limits.watch(group.container, pid)
          // A browser has a hundred threads, and what its page does goes by the first of each process.
          threads.follow(pid, group, { now: at, bornAfter: foundAt, first: 'who' in group })
        } catch (error) {
          // It ended while it was looked at; anything else would leave it unseen.
          if (!hasEnded(error)) isBlind = true
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
      if (missing.size > 0 || threads.size >= MOST_THREADS || isBlind) return null
      const held = limits.look()
      try {
        // What a container's threads wait before it has a name is told when it has one.
        const waits = threads.look(at, (each) => typeof nameOf(each) === 'string')
        return byName(
          waits.filter(({ group }) => !('container' in group && held.has(group.container))),
          nameOf,
        )
      } catch {
        isBlind = true
        return null
      }
    },
    close() {
      threads.forget(() => true)
      limits.close()
    },
  }
}

const byName = (waits: readonly ThreadWait<Group>[], nameOf: (group: Group) => string | null | undefined): Waited => {
  const waited = new Map<string, readonly [ms: number, since: number, firstMs: number]>()
  for (const { group, ms, since, isFirst } of waits) {
    const who = nameOf(group)
    if (!who) continue
    const [allMs, earliest, firstMs] = waited.get(who) ?? [0, Infinity, 0]
    waited.set(who, [allMs + ms, Math.min(earliest, since), isFirst ? Math.max(firstMs, ms) : firstMs])
  }
  return Object.fromEntries(waited)
}

/** Whoever runs has run for some time: where that is 0, the kernel does not count. */
const counts = (schedstat: string): boolean => {
  try {
    return /^[1-9]/.test(readFileSync(schedstat, 'utf8'))
  } catch {
    return false
  }
}
