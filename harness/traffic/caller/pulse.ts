// The sending thread's own heartbeat: when it stood still, nothing it says about that time is certain.

/** A time in which the sending thread did nothing, ms on the monotonic clock. */
export interface Stall {
  readonly from: number
  readonly to: number
}

export interface Pulse {
  /** Once each turn of the loop. */
  beat(nowMs: number): void
  /** Whether the thread slept through that instant, and woke only just now: an answer may have been there in time. */
  sleptThrough(instantMs: number, nowMs: number): boolean
  /** The stalls since the last take. */
  take(): readonly Stall[]
}

/** Gaps up to this are the loop's ordinary breath. */
export const STALL_MS = 3
// Stalls closer than this are one: between them the loop turned once and sent next to nothing.
const COALESCE_MS = 1

/** Nothing before the first beat is a stall. */
export const createPulse = (): Pulse => {
  let lastBeatMs = Number.POSITIVE_INFINITY
  let lastStall: Stall | null = null
  let stalls: Stall[] = []
  const note = (stall: Stall): void => {
    const before = stalls.at(-1)
    const joins = before !== undefined && stall.from - before.to <= COALESCE_MS
    if (joins) stalls[stalls.length - 1] = { from: before.from, to: stall.to }
    else stalls.push(stall)
    lastStall = stall
  }
  return {
    beat: (nowMs) => {
      if (nowMs - lastBeatMs > STALL_MS) note({ from: lastBeatMs, to: nowMs })
      lastBeatMs = nowMs
    },
    sleptThrough: (instantMs, nowMs) => {
      if (nowMs - lastBeatMs > STALL_MS && instantMs >= lastBeatMs) return true
      return lastStall !== null && instantMs >= lastStall.from && instantMs <= lastStall.to
    },
    take: () => {
      const taken = stalls
      stalls = []
      return taken
    },
  }
}
