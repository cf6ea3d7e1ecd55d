// How long each of many threads waited for a processor: the kernel's own count, read again and again.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

interface Thread<G> {
  readonly pid: string
  readonly isFirst: boolean
  readonly fd: number
  readonly group: G
  /** When it was read, ms, and what it had waited by then, ns. */
  readAt: number
  waitedNs: number
  /** So many looks at a time pass it by, and so many more do: it waited for nothing. */
  pause: number
  left: number
}

/** A thread that waits for nothing is read at every fourth look: there are ten of them for one that does. */
const LONGEST_PAUSE = 3

/** No wait this short holds a call up. */
const LEAST_MS = 0.2

/** One thread's wait since it was read before: `ms` in all, and begun at `since`, ms, at the earliest. */
export interface ThreadWait<G> {
  readonly group: G
  readonly ms: number
  readonly since: number
  /** It is its process's first. */
  readonly isFirst: boolean
}

export interface ThreadWaits<G> {
  readonly size: number
  /** Follows each thread of a process that is not followed yet, or its first alone. What it waited before counts where it was born after `bornAfter`, and not where that is null. */
  follow(
    pid: string,
    group: G,
    how: { readonly now: number; readonly bornAfter: number | null; readonly first?: boolean },
  ): void
  /** Reads those that are due and of whom `isAsked`: those of them that waited for long enough to hold somebody up. */
  look(at: number, isAsked: (group: G) => boolean): readonly ThreadWait<G>[]
  forget(isOver: (thread: { readonly pid: string; readonly group: G }) => boolean): void
}

/** Reads <proc>/<pid>/task/<tid>/schedstat, which anybody may. A wait is counted when it is over, and lost where the thread ends within the look. */
export const createThreadWaits = <G>(proc: string): ThreadWaits<G> => {
  const threads = new Map<string, Thread<G>>()
  const buffer = Buffer.alloc(128)

  const forget: ThreadWaits<G>['forget'] = (isOver) => {
    for (const [tid, thread] of threads) {
      if (!isOver(thread)) continue
      closeSync(thread.fd)
      threads.delete(tid)
    }
  }

  const read = (thread: Thread<G>, at: number): ThreadWait<G> => {
    const { group, readAt, isFirst } = thread
    try {
      const waitedNs = secondOf(buffer, readSync(thread.fd, buffer, 0, buffer.length, 0))
      const ms = (waitedNs - thread.waitedNs) / 1e6
      Object.assign(thread, { waitedNs, readAt: at })
      return { group, ms, since: readAt - ms, isFirst }
    } catch (error) {
      if (!hasEnded(error)) throw error
      forget((each) => each === thread)
      return { group, ms: 0, since: at, isFirst }
    }
  }

  return {
    get size() {
      return threads.size
    },
    follow(pid, group, { now, bornAfter, first = false }) {
      for (const tid of first ? [pid] : readdirSync(`${proc}/${pid}/task`)) {
        if (threads.has(tid)) continue
        const fd = openSync(`${proc}/${pid}/task/${tid}/schedstat`, 'r')
        const never = { readAt: bornAfter ?? now, waitedNs: 0, pause: 0, left: 0 }
        const thread: Thread<G> = { pid, isFirst: tid === pid, fd, group, ...never }
        threads.set(tid, thread)
        if (bornAfter === null) read(thread, now)
      }
    },
    look(at, isAsked) {
      const waits: ThreadWait<G>[] = []
      for (const thread of threads.values()) {
        if (!isAsked(thread.group) || thread.left-- > 0) continue
        const wait = read(thread, at)
        const isLong = wait.ms >= LEAST_MS
        if (isLong) waits.push(wait)
        thread.pause = isLong ? 0 : Math.min(LONGEST_PAUSE, 2 * thread.pause + 1)
        thread.left = thread.pause
      }
      return waits
    },
    forget,
  }
}

/** Whether a process or a thread could not be read because there is none any more. */
export const hasEnded = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')

/** The second of the numbers that stand in a line of so many bytes: digits only, and a blank between two. */
const secondOf = (line: Buffer, length: number): number => {
  let at = 0
  while (at < length && line[at] !== BLANK) at += 1
  let value = 0
  for (at += 1; at < length && line[at] !== BLANK; at += 1) value = value * 10 + ((line[at] ?? ZERO) - ZERO)
  return value
}

const BLANK = ' '.charCodeAt(0)
const ZERO = '0'.charCodeAt(0)
