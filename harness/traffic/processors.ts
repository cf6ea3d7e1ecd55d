// Whether the machine had processors to give: the kernel counts the time in which somebody waited for one, and for every thread its own.
import { Worker } from 'node:worker_threads'
import { BEFORE_THE_PAGE, type EventOf, SCARCE_SHARE, type Waited } from '../history/event.ts'
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
  /** Who waited since the look before; null where that is not known. */
  readonly waited: Waited | null
}

/** A stretch between two looks in which processors may have been short. */
export type Shortage = Pick<EventOf<'processors-short'>, 'at' | 'since' | 'share' | 'processors' | 'waited'>

/** ms for which anybody waited whom calls may pass. */
const waitedByAny = (waited: Waited): number =>
  Object.entries(waited).reduce((sum, [who, [ms]]) => (BEFORE_THE_PAGE.has(who) ? sum : sum + ms), 0)

/** Holds each look against the one before: what it answers is null where nobody can have waited for long, or where the kernel does not count. */
export const shortagesSeen = (processors: number): ((look: Look) => Shortage | null) => {
  let before: ReturnType<typeof countsOf> | null = null
  return (look) => {
    const { waited } = look
    const [now, last] = [countsOf(look), before]
    before = now
    if (last === null) return null
    const elapsedMs = Math.max(now.at - last.at, 1)
    const byAny = waited ? waitedByAny(waited) : 0
    const countedMs = now.waitedUs === null || last.waitedUs === null ? null : (now.waitedUs - last.waitedUs) / 1000
    const share = Math.min(1, (countedMs ?? byAny) / elapsedMs)
    const idleMs = now.idleMs === null || last.idleMs === null ? 0 : now.idleMs - last.idleMs - TICK_MS
    // What is added up by name is no average.
    const busy = countedMs === null ? 1 : Math.min(processors, Math.max(1, processors - idleMs / elapsedMs))
    if (Math.max(share * busy * elapsedMs, byAny) < LEAST_WAITED_MS) return null
    return {
      at: now.at,
      since: last.at,
      share: round(share),
      processors: round(busy),
      ...(waited && { waited: toTenths(waited) }),
    }
  }
}

const toTenths = (waited: Waited): Waited =>
  each(waited, ([ms, since, firstMs = 0]) => [tenths(ms), since, tenths(firstMs)])

const tenths = (value: number): number => Number(value.toFixed(1))

const each = (waited: Waited, change: (wait: Waited[string]) => Waited[string]): Waited =>
  Object.fromEntries(Object.entries(waited).map(([who, wait]) => [who, change(wait)]))

const countsOf = ({ at, pressure, uptime }: Look) => ({
  at,
  waitedUs: waitedUsFrom(pressure),
  idleMs: idleMsFrom(uptime),
})

const round = (value: number): number => Number(value.toFixed(2))

/** What the thread that looks is told once. */
export interface LookingPlan {
  /** Not 0 any more when it is to end. */
  readonly over: Int32Array
  /** Containers of the deployment, by their ids; null where nobody is to be named. */
  readonly expected: readonly string[] | null
}

/** What it tells: stretches that it saw, and containers of which it does not know whose they are. */
export interface Seen {
  readonly shortages: readonly Shortage[]
  readonly unnamed: readonly string[]
}

/** What it is told about one of those. */
export interface Named {
  readonly container: string
  readonly who: string | null
}

/**
 * Writes down every stretch between two looks in which processors may have been short, until stopped, and who waited. Nothing where the kernel
 * does not count. A thread of its own looks: the harness's own stands still for a second where processors are short, and could not say when they were.
 */
export const watchProcessors = (world: {
  readonly recorder: Recorder
  readonly clock: ReturnType<typeof clockSince>
  /** Absent where nobody is to be named. */
  readonly deployment?: {
    /** Containers, by their ids: unless all of them are seen to run here, nobody is named. */
    readonly expected: readonly string[]
    /** Whose a container is; null where it does not matter. Asked again where that rejects. */
    readonly whose: (container: string) => Promise<string | null>
  }
}): { stop(): Promise<void> } => {
  const { recorder, clock, deployment } = world
  const over = new Int32Array(new SharedArrayBuffer(4))
  const workerData: LookingPlan = { over, expected: deployment?.expected ?? null }
  const looking = new Worker(new URL('./processors-looking.ts', import.meta.url), { workerData })
  // A worker that was not stopped keeps nobody from ending.
  looking.unref()
  const ended = new Promise<void>((resolve, reject) => {
    looking.once('exit', () => resolve())
    looking.once('error', reject)
  })
  // Told to whoever stops it.
  ended.catch(() => {})
  const name = async (container: string): Promise<void> => {
    const who = await deployment?.whose(container).catch(() => undefined)
    if (who !== undefined) looking.postMessage({ container, who } satisfies Named)
  }
  looking.on('message', ({ shortages, unnamed }: Seen) => {
    for (const { at, since, waited, ...seen } of shortages)
      recorder.record({
        kind: 'processors-short',
        at: at - clock.originMs,
        since: since - clock.originMs,
        ...seen,
        ...(waited && { waited: shifted(waited, clock.originMs) }),
      })
    for (const each of unnamed) void name(each)
  })
  return {
    async stop() {
      Atomics.store(over, 0, 1)
      Atomics.notify(over, 0)
      await ended
    },
  }
}

const shifted = (waited: Waited, originMs: number): Waited =>
  each(waited, ([ms, since, firstMs = 0]) => [ms, tenths(since - originMs), firstMs])
