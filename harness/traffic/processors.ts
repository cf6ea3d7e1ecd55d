// Whether the machine had processors to give: the kernel counts the time in which somebody waited for one.
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { SCARCE_SHARE } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'

const COUNTED = '/proc/pressure/cpu'
const LOOK_EVERY_MS = 25

/** As long as that between two looks that come in time: of a look that came late it is known for how long somebody waited, and not when. */
const LEAST_WAITED_MS = SCARCE_SHARE * LOOK_EVERY_MS

/** µs since boot in which some process waited for a processor; null where the kernel does not count. */
export const waitedUsFrom = (text: string): number | null => {
  const total = /^some .*total=(\d+)/m.exec(text)?.[1]
  return total === undefined ? null : Number(total)
}

/** Writes down every stretch between two looks in which processors may have been short, until stopped. Nothing where the kernel does not count. */
export const watchProcessors = (world: {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly read?: () => Promise<string>
  /** As many as the machine has. */
  readonly processors?: number
}): { stop(): Promise<void> } => {
  const { recorder, clock, read = () => readFile(COUNTED, 'utf8').catch(() => ''), processors = cpus().length } = world
  const ended = new AbortController()
  const watching = (async (): Promise<void> => {
    let since = clock.now()
    let before = waitedUsFrom(await read())
    while (before !== null && !ended.signal.aborted) {
      await pause(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
      const waited = waitedUsFrom(await read())
      const at = clock.now()
      if (waited === null) return
      const waitedMs = (waited - before) / 1000
      const share = Math.min(1, waitedMs / Math.max(at - since, 1))
      if (share >= SCARCE_SHARE || waitedMs >= LEAST_WAITED_MS)
        recorder.record({ kind: 'processors-short', at, since, share: Number(share.toFixed(2)), processors })
      before = waited
      since = at
    }
  })()
  return {
    async stop() {
      ended.abort()
      await watching
    },
  }
}
