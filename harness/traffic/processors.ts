// Whether the machine had processors to give: the kernel counts the time in which somebody waited for one.
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { SCARCE_SHARE } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'

const LOOK_EVERY_MS = 25

/** As long as that between two looks that come in time: of a look that came late it is known for how long somebody waited, and not when. */
const LEAST_WAITED_MS = SCARCE_SHARE * LOOK_EVERY_MS

/** The kernel tells how long processors were idle in hundredths of a second. */
const TICK_MS = 10

/** µs since boot in which some process waited for a processor; null where the kernel does not count. */
export const waitedUsFrom = (text: string): number | null => {
  const total = /^some .*total=(\d+)/m.exec(text)?.[1]
  return total === undefined ? null : Number(total)
}

/** ms since boot in which processors had nothing to do, all of them added up; null where the kernel does not tell. */
export const idleMsFrom = (text: string): number | null => {
  const seconds = /^\S+ (\d+\.\d+)/.exec(text)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}

/** What the kernel has counted, as it tells it. */
interface Counts {
  /** /proc/pressure/cpu */
  readonly pressure: string
  /** /proc/uptime */
  readonly uptime: string
}

const readCounts = async (): Promise<Counts> => {
  const [pressure = '', uptime = ''] = await Promise.all(
    ['/proc/pressure/cpu', '/proc/uptime'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  return { pressure, uptime }
}

/** Writes down every stretch between two looks in which processors may have been short, until stopped. Nothing where the kernel does not count. */
export const watchProcessors = (world: {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly read?: () => Promise<Counts>
  /** As many as the machine has. */
  readonly processors?: number
}): { stop(): Promise<void> } => {
  const { recorder, clock, read = readCounts, processors = cpus().length } = world
  const look = async () => {
    const { pressure, uptime } = await read()
    return { at: clock.now(), waitedUs: waitedUsFrom(pressure), idleMs: idleMsFrom(uptime) }
  }
  const ended = new AbortController()
  const watching = (async (): Promise<void> => {
    let before = await look()
    while (before.waitedUs !== null && !ended.signal.aborted) {
      await pause(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
      const now = await look()
      if (now.waitedUs === null) return
      const elapsedMs = Math.max(now.at - before.at, 1)
      const share = Math.min(1, (now.waitedUs - before.waitedUs) / 1000 / elapsedMs)
      const idleMs = now.idleMs === null || before.idleMs === null ? 0 : now.idleMs - before.idleMs - TICK_MS
      const busy = Math.min(processors, Math.max(1, processors - idleMs / elapsedMs))
      if (share * busy * elapsedMs >= LEAST_WAITED_MS)
        recorder.record({
          kind: 'processors-short',
          at: now.at,
          since: before.at,
          share: round(share),
          processors: round(busy),
        })
      before = now
    }
  })()
  return {
    async stop() {
      ended.abort()
      await watching
    },
  }
}

const round = (value: number): number => Number(value.toFixed(2))
