// A disk that is full, for one process: its files may grow to so many bytes and no further.
import { execFileSync } from 'node:child_process'

/**
 * Infinity ends it. A write beyond is a signal as well, SIGXFSZ, where a full disk only refuses it: a process that is to live on
 * listens for that.
 */
export const limitFiles = (bytes: number, pid: number = process.pid): void => {
  const soft = Number.isFinite(bytes) ? Math.floor(bytes) : 'unlimited'
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`])
}

/** Does something in this process while the disk is full. */
export const whileFull = async (bytes: number, act: () => unknown): Promise<void> => {
  const refused = (): void => {}
  process.on('SIGXFSZ', refused)
  limitFiles(bytes)
  try {
    await act()
  } finally {
    limitFiles(Number.POSITIVE_INFINITY)
    process.off('SIGXFSZ', refused)
  }
}
