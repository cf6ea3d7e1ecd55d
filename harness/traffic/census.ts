// Which processes run on this machine that matter to a drill, and what each goes by.
import { readdirSync, readFileSync } from 'node:fs'
import { hasEnded } from './thread-waits.ts'

/** What a process goes by, or the container it runs in. */
export type Group = { readonly who: string } | { readonly container: string }

export interface Census {
  /** Every process that runs now, by its number; null for one that does not matter. Throws where one that runs cannot be looked at. */
  take(): ReadonlyMap<string, Group | null>
}

/** A container's id, as it stands in the names of its control groups. */
const CONTAINER = /[0-9a-f]{64}/

/** The kernel's own threads that pass packets on. */
const PASSES_PACKETS = /^ksoftirqd\//

const isOurs = (group: Group | null): boolean =>
  !!group && 'who' in group && (group.who === 'harness' || group.who === 'browser')

/** Who is there is read from `proc`; `own` is the harness, and what it started is the browser. Reads of a process once what does not change. */
export const createCensus = (proc: string, own: number): Census => {
  const groups = new Map<string, Group | null>()
  let present: ReadonlySet<string> = new Set()
  /** Looked at once, and once more at the next search: a container's process begins outside of it. */
  const again = new Set<string>()
  const text = (path: string): string => readFileSync(`${proc}/${path}`, 'utf8')

  const groupOf = (pid: string): Group | null => {
    if (Number(pid) === own) return { who: 'harness' }
    const [, command = '', parent = ''] = /^\d+ \((.*)\) \S (\d+)/s.exec(text(`${pid}/stat`)) ?? []
    const mother = known(parent)
    if (isOurs(mother)) return { who: 'browser' }
    const [container] = CONTAINER.exec(text(`${pid}/cgroup`)) ?? []
    if (container !== undefined) return isSentIn(pid, mother, container) ? null : { container }
    return PASSES_PACKETS.test(command) ? { who: 'kernel' } : null
  }

  /**
   * Whether somebody outside started it in the container, as for a health check: it comes and goes, and serves nobody. Neither its first process,
   * which is number 1 in there, nor started by one of its own.
   */
  const isSentIn = (pid: string, mother: Group | null, container: string): boolean => {
    if (mother && 'container' in mother && mother.container === container) return false
    const [, numbers = ''] = /^NSpid:\s*(.*)$/m.exec(text(`${pid}/status`)) ?? []
    const [, ...inside] = numbers.split(/\s+/)
    return inside.length > 0 && inside.at(-1) !== '1'
  }

  /** Whoever started it is looked at first: numbers begin anew, and a mother may have the higher one. */
  const known = (pid: string): Group | null => {
    const before = groups.get(pid)
    if (before !== undefined) return before
    let group: Group | null = null
    if (present.has(pid)) {
      groups.set(pid, null)
      try {
        group = groupOf(pid)
      } catch (error) {
        if (!hasEnded(error)) throw error
      }
      groups.set(pid, group)
      const isSecond = again.delete(pid)
      if (!group && !isSecond) again.add(pid)
    }
    return group
  }

  const running = (): readonly string[] => {
    try {
      return readdirSync(proc).filter((each) => /^\d+$/.test(each))
    } catch {
      // There is none but on Linux.
      return []
    }
  }

  return {
    take() {
      present = new Set(running())
      for (const pid of again) groups.delete(pid)
      for (const pid of groups.keys()) if (!present.has(pid)) groups.delete(pid)
      for (const pid of again) if (!present.has(pid)) again.delete(pid)
      for (const pid of present) known(pid)
      return groups
    },
  }
}
