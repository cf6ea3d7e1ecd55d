// Puts the callers' clock on the run's axis: the same one where they share our kernel, else estimated by round trips.
import { monotonicMs } from '../time/clock.ts'
import type { Replies } from './caller/protocol.ts'

/** run ms = callers' monotonic ms − toRunMs, true to ± errorMs. */
export interface CallerClock {
  readonly sameKernel: boolean
  /** Callers' clock minus ours. */
  readonly offsetMs: number
  readonly errorMs: number
  toRun(callerMs: number): number
}

const ROUND_TRIPS = 20

interface Asking {
  hello(): Promise<Replies['hello']>
  clock(): Promise<Replies['clock']>
  /** Ours: null where this system names no boot. */
  readonly bootId: string | null
  readonly originMs: number
  readonly now?: () => number
}

/** Says hello, and compares the clocks. */
export const compareClocks = async ({
  hello,
  clock,
  bootId,
  originMs,
  now = monotonicMs,
}: Asking): Promise<CallerClock> => {
  const before = now()
  const said = await hello()
  // One boot id behind two clocks happens in sandboxes that imitate a kernel: what was said then lies outside the round trip.
  const isPlausible = said.nowMs >= before && said.nowMs <= now()
  if (said.bootId === bootId && isPlausible) return clockAt({ sameKernel: true, offsetMs: 0, errorMs: 0 }, originMs)
  let best = { offsetMs: 0, errorMs: Number.POSITIVE_INFINITY }
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const sent = now()
    const { nowMs } = await clock()
    const heard = now()
    // The reading was taken somewhere between sending and hearing: the middle, give or take half the trip.
    const errorMs = (heard - sent) / 2
    if (errorMs < best.errorMs) best = { offsetMs: nowMs - (sent + heard) / 2, errorMs }
  }
  return clockAt({ sameKernel: false, ...best }, originMs)
}

const clockAt = (found: Omit<CallerClock, 'toRun'>, originMs: number): CallerClock => ({
  ...found,
  toRun: (callerMs) => callerMs - found.offsetMs - originMs,
})
