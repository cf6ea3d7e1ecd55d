// Waiting that ends early when its signal is aborted, and back-off and jitter as the vendor's client does them.
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, or returns at once when the signal is aborted: the caller's loop asks the signal itself. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** 1, 2, 4, 8, 16, 32 s and then 32 s again with the vendor's numbers. */
export function backoffMs(attempt: number, limits: { readonly baseMs: number; readonly maxMs: number }): number {
  return Math.min(limits.maxMs, limits.baseMs * 2 ** attempt)
}

/** The delay and up to half of it more, so that gateways do not come back in step. */
export function jittered(delayMs: number, random: () => number = Math.random): number {
  return delayMs * (1 + random() / 2)
}
