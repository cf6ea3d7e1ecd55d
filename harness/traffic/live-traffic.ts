// What the callers see right now: the last full second and the counts so far, for the terminal and for waits.
import { ERROR_CLASSES, type LaneHeader, OUTCOMES, type Outcome, outcomeOf, scheduledAt } from '../history/call.ts'
import { RECORD_BYTES, readRecord } from '../history/call-record.ts'

export interface LaneCounts {
  /** Calls that have ended so far, of any outcome. */
  readonly ended: number
  readonly outcomes: Readonly<Record<Outcome, number>>
}

/** Over the lanes whose purpose is `callers`, except `lanes`, which has every lane. */
export interface LiveTraffic {
  /** Calls that came to an end in the last full second, answered or not. */
  readonly ended: number
  /**
   * How many did a second, over the last five full seconds, or those since the first in which any did: where processors are short many of one end in the next.
   * 0 before there is such a second.
   */
  readonly rate: number
  /** Of those: answered. */
  readonly answered: number
  /** p99 of those answered, from the schedule; null when none was. */
  readonly p99Ms: number | null
  readonly lanes: Readonly<Record<string, LaneCounts>>
  /** When a caller was last answered, ms since the run began; null: never. */
  readonly lastAnsweredAt: number | null
  /**
   * When a silence last ended, ms since the run began: a lane that can see one had no answer for longer than it may; null before there was any.
   */
  readonly lastSilenceAt: number | null
  /** The operator's calls that came to an end in the last full second, and those of them that were answered; null before there was any. */
  readonly operator: { readonly ended: number; readonly answered: number } | null
}

export interface LiveView {
  take(header: LaneHeader, records: Uint8Array): void
  read(nowMs: number): LiveTraffic
}

interface Second {
  ended: number
  latencies: number[]
  operator: { ended: number; answered: number }
}

// Rows come up to 50 ms after the call's end, and the stream takes its time: a second is full when that has passed.
const SETTLE_MS = 200
const KEPT_SECONDS = 8
/** A rate is told over so many. */
export const RATE_SECONDS = 5

/** From when on a lane without an answer is silent, and which lanes are called often enough to show it. */
export interface Silence {
  readonly aboveMs: number
  readonly isSeenBy: (header: LaneHeader) => boolean
}

/** The last seconds, and the first in which a caller's call ended. */
const createSeconds = () => {
  const kept = new Map<number, Second>()
  let first: number | null = null
  return {
    /** The second in which a call ended at `at`, ms since the run began. */
    of(at: number): Second {
      const key = Math.floor(at / 1000)
      const known = kept.get(key)
      if (known) return known
      const second = { ended: 0, latencies: [], operator: { ended: 0, answered: 0 } }
      kept.set(key, second)
      for (const old of kept.keys()) if (old < key - KEPT_SECONDS) kept.delete(old)
      return second
    },
    ended(at: number): Second {
      first ??= Math.floor(at / 1000)
      const second = this.of(at)
      second.ended += 1
      return second
    },
    get: (key: number): Second | undefined => kept.get(key),
    /** Not of the first second, which may have begun in its middle. */
    rateUntil(last: number): number {
      const from = Math.max((first ?? last) + 1, last - RATE_SECONDS + 1)
      let ended = 0
      for (let key = from; key <= last; key += 1) ended += kept.get(key)?.ended ?? 0
      return from > last ? 0 : ended / (last - from + 1)
    },
  }
}

/** Nothing is told of silences where nobody says what one is. */
export const createLiveView = (silence: Silence | null): LiveView => {
  const lanes = new Map<string, { ended: number; outcomes: Record<Outcome, number> }>()
  const seconds = createSeconds()
  const answeredAt = new Map<string, number>()
  let lastAnsweredAt: number | null = null
  let lastSilenceAt: number | null = null
  let hasOperator = false

  const takeOne = (header: LaneHeader, view: DataView, offset: number): void => {
    const { index, latencyUs, errorClass } = readRecord(view, offset)
    const outcome = outcomeOf(ERROR_CLASSES[errorClass] ?? 'other')
    const counts = lanes.get(header.lane) ?? { ended: 0, outcomes: noOutcomes() }
    lanes.set(header.lane, counts)
    counts.ended += 1
    counts.outcomes[outcome] += 1
    if (header.purpose !== 'callers' && header.purpose !== 'dashboard') return
    const at = scheduledAt(header, index) + latencyUs / 1000
    if (header.purpose === 'dashboard') {
      hasOperator = true
      const { operator } = seconds.of(at)
      operator.ended += 1
      if (outcome === 'answered') operator.answered += 1
      return
    }
    const second = seconds.ended(at)
    if (outcome !== 'answered') return
    second.latencies.push(latencyUs)
    lastAnsweredAt = Math.max(lastAnsweredAt ?? at, at)
    if (!silence?.isSeenBy(header)) return
    const before = answeredAt.get(header.lane) ?? at
    if (at - before > silence.aboveMs) lastSilenceAt = Math.max(lastSilenceAt ?? at, at)
    answeredAt.set(header.lane, Math.max(before, at))
  }

  return {
    take: (header, records) => {
      const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
      for (let offset = 0; offset + RECORD_BYTES <= records.length; offset += RECORD_BYTES)
        takeOne(header, view, offset)
    },
    read: (nowMs) => {
      const last = Math.floor((nowMs - SETTLE_MS) / 1000) - 1
      const second = seconds.get(last)
      const latencies = second ? [...second.latencies].sort((a, b) => a - b) : []
      const p99Us = latencies[Math.ceil(latencies.length * 0.99) - 1]
      return {
        ended: second?.ended ?? 0,
        rate: seconds.rateUntil(last),
        answered: latencies.length,
        p99Ms: p99Us === undefined ? null : p99Us / 1000,
        lanes: Object.fromEntries(
          [...lanes].map(([lane, counts]) => [lane, { ended: counts.ended, outcomes: { ...counts.outcomes } }]),
        ),
        lastAnsweredAt,
        lastSilenceAt,
        operator: hasOperator ? { ...(second?.operator ?? { ended: 0, answered: 0 }) } : null,
      }
    },
  }
}

const noOutcomes = (): Record<Outcome, number> =>
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>
