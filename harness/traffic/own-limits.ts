// Which containers a limit of their own kept from processors: that is the deployment's doing, and no want of the machine's.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

interface Limited {
  readonly fd: number
  throttled: string
  /** Looks at which it still counts as held. */
  heldFor: number
}

/** A wait is counted when it is over, which may be a look after the kernel counted that it was held. */
const HELD_LOOKS = 2

export interface OwnLimits {
  /** Looks after a container from now on, by one of its processes. Again does nothing more. */
  watch(container: string, pid: string): void
  /** Those that were held since the look before, or in that one. */
  look(): ReadonlySet<string>
  close(): void
}

/** Reads cpu.stat of their control groups, version 1 or 2, below `groups`; one whose group is not to be found there is never held. */
export const createOwnLimits = (proc: string, groups: string): OwnLimits => {
  const watched = new Map<string, Limited | null>()
  const buffer = Buffer.alloc(1024)

  const throttledIn = (fd: number): string => {
    const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
    return /^nr_throttled (\d+)$/m.exec(text)?.[1] ?? ''
  }

  const opened = (pid: string): Limited | null => {
    for (const path of pathsIn(readFileSync(`${proc}/${pid}/cgroup`, 'utf8'))) {
      try {
        const fd = openSync(join(groups, path, 'cpu.stat'), 'r')
        const throttled = throttledIn(fd)
        if (throttled !== '') return { fd, throttled, heldFor: 0 }
        closeSync(fd)
      } catch {
        // Not there: the next one is.
      }
    }
    return null
  }

  return {
    watch(container, pid) {
      if (!watched.has(container)) watched.set(container, opened(pid))
    },
    look() {
      const held = new Set<string>()
      for (const [container, limited] of watched) {
        if (!limited) continue
        try {
          const throttled = throttledIn(limited.fd)
          if (throttled !== limited.throttled) limited.heldFor = HELD_LOOKS
          limited.throttled = throttled
        } catch {
          // It is gone, and so are its threads; started again it has another group.
          closeSync(limited.fd)
          watched.delete(container)
          continue
        }
        if (limited.heldFor > 0) held.add(container)
        limited.heldFor -= 1
      }
      return held
    },
    close() {
      for (const limited of watched.values()) if (limited) closeSync(limited.fd)
      watched.clear()
    },
  }
}

/** Where a process's group may stand, of a line for each hierarchy: '4:cpu,cpuacct:/docker/<id>', and '0::/system.slice/…' of version 2. */
const pathsIn = (lines: string): readonly string[] =>
  lines.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.+)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers === '') return [path]
    return controllers.split(',').includes('cpu') ? [join(controllers, path), join('cpu', path)] : []
  })
