// Waits for an instant on the monotonic clock, to a tenth of a millisecond, which no timer does.
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'

// A timer may be late by as much: the rest is waited for without it.
const TIMER_MS = 3

const cell = new Int32Array(new SharedArrayBuffer(4))

/** Resolves at `at`, or at once where that has passed. Blocks this thread for the last 3 ms. */
export const until = async (clock: Clock, at: number): Promise<void> => {
  const left = at - clock.now() - TIMER_MS
  if (left > 0) await pause(left)
  for (let rest = at - clock.now(); rest > 0; rest = at - clock.now()) Atomics.wait(cell, 0, 0, rest)
}
