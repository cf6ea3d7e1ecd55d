// When the harness itself stood still: what it times by its own clock, the Dashboard's page and heartbeat, it cannot tell from then.
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'

const TURN_MS = 20
/** A turn that is later by less is usual, and explains nothing. */
const USUAL_MS = 50

/** Writes down every turn of the event loop that came more than 50 ms late, until stopped. */
export const watchHarness = (world: {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly turn?: (ms: number, signal: AbortSignal) => Promise<void>
}): { stop(): Promise<void> } => {
  const { recorder, clock, turn = (ms, signal) => pause(ms, undefined, { signal }) } = world
  const ended = new AbortController()
  const watching = (async (): Promise<void> => {
    for (let due = clock.now() + TURN_MS; !ended.signal.aborted; due = clock.now() + TURN_MS) {
      await turn(TURN_MS, ended.signal).catch(() => {})
      const stallMs = clock.now() - due
      if (stallMs > USUAL_MS) recorder.record({ kind: 'harness-stall', at: clock.now(), stallMs })
    }
  })()
  return {
    async stop() {
      ended.abort()
      await watching
    },
  }
}
