// Twice as many busy loops as processors: a machine that has far more to do than it can.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** They run until they are ended, or this process is gone. */
export const busyLoops = (): { end(): Promise<void> } => {
  // Each looks now and then whether its parent is still there: killed itself, this process could not end them.
  const program = `const parent = process.ppid; for (;;) { for (let i = 0; i < 1e8; i += 1); if (process.ppid !== parent) break }`
  const loops = Array.from({ length: 2 * availableParallelism() }, () => spawn(process.execPath, ['-e', program]))
  return {
    end: async () => {
      for (const loop of loops) loop.kill('SIGKILL')
      await Promise.all(loops.map((loop) => once(loop, 'exit')))
    },
  }
}
