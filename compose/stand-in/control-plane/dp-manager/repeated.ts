// What a program does again and again by itself, one run at a time.
import type { Logger } from 'pino'

/** Runs `work` every `everyMs`, never twice at once. A failure is noted: the next run tries again. Returns the way to stop. */
export const repeated = (everyMs: number, work: () => Promise<void>, log: Logger): (() => void) => {
  let isUnderWay = false
  const run = async (): Promise<void> => {
    if (isUnderWay) return
    isUnderWay = true
    await work().catch((error: Error) => log.debug({ why: error.message }, 'left for the next time'))
    isUnderWay = false
  }
  const timer = setInterval(() => void run(), everyMs)
  return () => clearInterval(timer)
}
