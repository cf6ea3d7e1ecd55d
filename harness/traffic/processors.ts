// Whether the machine had processors to give: the kernel counts the time in which somebody waited for one.
import { Worker } from 'node:worker_threads'
import { type EventOf, SCARCE_SHARE } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { clockSince } from '../time/clock.ts'

export const LOOK_EVERY_MS = 25

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

/** What the kernel has counted, as it tells it, and when it was asked, ms. */
export interface Look {
  readonly at: number
  /** /proc/pressure/cpu */
  readonly pressure: string
  /** /proc/uptime */
  readonly uptime: string
}

/** A stretch between two looks in which processors may have been short. */
export type Shortage = Pick<EventOf<'processors-short'>, 'at' | 'since' | 'share' | 'processors'>

/** Holds each look against the one before: what it answers is null where nobody can have waited for long, or where the kernel does not count. */
export const shortagesSeen = (processors: number): ((look: Look) => Shortage | null) => {
  let before: ReturnType<typeof countsOf> | null = null
  return (look) => {
    const [now, last] = [countsOf(look), before]
    before = now
    if (last === null || now.waitedUs === null || last.waitedUs === null) return null
    const elapsedMs = Math.max(now.at - last.at, 1)
    const share = Math.min(1, (now.waitedUs - last.waitedUs) / 1000 / elapsedMs)
    const idleMs = now.idleMs === null || last.idleMs === null ? 0 : now.idleMs - last.idleMs - TICK_MS
    const busy = Math.min(processors, Math.max(1, processors - idleMs / elapsedMs))
    if (share * busy * elapsedMs < LEAST_WAITED_MS) return null
    return { at: now.at, since: last.at, share: round(share), processors: round(busy) }
  }
}

const countsOf = ({ at, pressure, uptime }: Look) => ({
  at,
  waitedUs: waitedUsFrom(pressure),
  idleMs: idleMsFrom(uptime),
})

const round = (value: number): number => Number(value.toFixed(2))

/**
 * Writes down every stretch between two looks in which processors may have been short, until stopped. Nothing where the kernel does not count.
 * A thread of its own looks: the harness's own stands still for a second where processors are short, and could not say when they were.
 */
export const watchProcessors = (world: {
  readonly recorder: Recorder
  readonly clock: ReturnType<typeof clockSince>
}): { stop(): Promise<void> } => {
  const { recorder, clock } = world
  const over = new Int32Array(new SharedArrayBuffer(4))
  const looking = new Worker(new URL('./processors-looking.ts', import.meta.url), { workerData: over })
  // A worker that was not stopped keeps nobody from ending.
  looking.unref()
  const ended = new Promise<void>((resolve, reject) => {
    looking.once('exit', () => resolve())
    looking.once('error', reject)
  })
  // Told to whoever stops it.
  ended.catch(() => {})
  looking.on('message', (shortages: readonly Shortage[]) => {
    for (const { at, since, ...seen } of shortages)
      recorder.record({ kind: 'processors-short', at: at - clock.originMs, since: since - clock.originMs, ...seen })
  })
  return {
    async stop() {
      Atomics.store(over, 0, 1)
      Atomics.notify(over, 0)
      await ended
    },
  }
}
