// What became of the calls that fell into a gap between two answers of a lane.
import type { Window } from './analysis.ts'
import { type Baseline, floorAt } from './baseline.ts'
import {
  ANSWERED,
  type Calls,
  endedAt,
  everyMsAt,
  firstAt,
  isLost,
  responseMs,
  SHED,
  sentAt,
  UNANSWERED,
  wasSent,
} from './calls.ts'

/** Nothing that only waited for an outage's end is answered so long after it: its packets were dropped, and sent again. */
export const DROPPED_MS = 100

/** A lane, and what is usual on it. */
export interface MeasuredLane {
  readonly calls: Calls
  readonly baseline: Baseline
}

/** What became of the calls that were to be answered within a gap. */
export interface AffectedCalls {
  readonly lost: number
  readonly late: number
  readonly shed: number
  /** Of those lost: sent, and given up at their deadline. */
  readonly givenUp: number
  /** Sent in the gap, and not answered in it. */
  readonly waiting: number
  /** The longest that any of those that were lost or late was under way within the gap. */
  readonly waitedMs: number
  /** Indices [first, last) of the calls scheduled in the gap. */
  readonly first: number
  readonly last: number
  /** The shortest outage that can be told at the rate of these calls. */
  readonly floorMs: number
  /** The time that the calls hit stand for. */
  readonly missingMs: number
  /** When the first call that the outage hit was sent, and the last. */
  readonly firstSentAt: number
  readonly lastSentAt: number
  /** When the last call was sent that did not only wait for the outage's end: it failed at once, or was lost on its way. */
  readonly lastFailedSentAt: number
  /** And the first after that which only waited for it: nobody was answered before, and whoever waited was answered then. Infinity where none did. */
  readonly firstWaitedSentAt: number
  /** When the first of those lost was sent, and the last; Infinity and -Infinity where none was. */
  readonly lostSentAt: Window
}

/** Of a lane's gap between two answers. */
export const affectedCalls = ({ calls, baseline }: MeasuredLane, [from, to]: Window): AffectedCalls => {
  const first = firstAffected({ calls, baseline }, from)
  const last = firstAt(calls, to)
  let [lost, late, shed, waiting, givenUp, missingMs, waitedMs] = [0, 0, 0, 0, 0, 0, 0]
  let [firstSentAt, lastSentAt] = [Infinity, -Infinity]
  let [lastFailedSentAt, firstWaitedSentAt] = [-Infinity, Infinity]
  let [firstLostSentAt, lastLostSentAt] = [Infinity, -Infinity]
  for (let i = first; i < last; i += 1) {
    const end = endOfAffected({ calls, baseline }, i, to)
    if (end === 'shed') {
      shed += 1
      missingMs += everyMsAt(calls, i)
    }
    if (end === 'shed' || !wasSent(calls.code[i])) continue
    if (sentAt(calls, i) >= from && endedAt(calls, i) >= to) waiting += 1
    const hasFailed = isLost(calls.code[i]) && calls.code[i] !== UNANSWERED
    if (hasFailed || endedAt(calls, i) > to + DROPPED_MS) {
      lastFailedSentAt = Math.max(lastFailedSentAt, Math.min(to, sentAt(calls, i)))
      firstWaitedSentAt = Infinity
    }
    if (end === null) continue
    if (end === 'lost') {
      lost += 1
      firstLostSentAt = Math.min(firstLostSentAt, sentAt(calls, i))
      lastLostSentAt = Math.max(lastLostSentAt, sentAt(calls, i))
    } else {
      late += 1
      if (endedAt(calls, i) <= to + DROPPED_MS) firstWaitedSentAt = Math.min(firstWaitedSentAt, sentAt(calls, i))
    }
    if (calls.code[i] === UNANSWERED) givenUp += 1
    missingMs += everyMsAt(calls, i)
    waitedMs = Math.max(waitedMs, Math.min(to, endedAt(calls, i)) - Math.max(from, sentAt(calls, i)))
    firstSentAt = Math.min(firstSentAt, sentAt(calls, i))
    lastSentAt = Math.max(lastSentAt, Math.min(to, sentAt(calls, i)))
  }
  const floorMs = floorAt(baseline, calls, first, last)
  return {
    lost,
    late,
    shed,
    givenUp,
    waiting,
    waitedMs,
    first,
    last,
    floorMs,
    missingMs,
    firstSentAt,
    lastSentAt,
    lastFailedSentAt,
    firstWaitedSentAt,
    lostSentAt: [firstLostSentAt, lastLostSentAt],
  }
}

/** The first call that a gap from `from` on may hit: it was on its way then, or due while the generator slept, and sent when it woke. */
export const firstAffected = ({ calls, baseline }: MeasuredLane, from: number): number => {
  let first = firstAt(calls, from - baseline.p50Ms)
  while (first > 0 && sentAt(calls, first - 1) >= from) first -= 1
  return first
}

/**
 * What became of a call that was to be answered before a gap ended at `to`: lost; held back by the cap; answered only then, and slow for this
 * lane (late) or slower than hardly any of steady state (slower). null where the gap did not touch it.
 */
export const endOfAffected = (
  { calls, baseline }: MeasuredLane,
  i: number,
  to: number,
): 'lost' | 'shed' | 'late' | 'slower' | null => {
  if (calls.code[i] !== ANSWERED && calls.lane.errorClass[i] === SHED) return 'shed'
  if (isLost(calls.code[i])) return 'lost'
  const tookMs = responseMs(calls, i)
  if (calls.code[i] !== ANSWERED || endedAt(calls, i) < to || tookMs <= baseline.slowMs) return null
  return tookMs > slowest(baseline) ? 'slower' : 'late'
}

/** Hardly any call took longer than this in steady state. */
export const slowest = ({ p999Ms }: Pick<Baseline, 'p999Ms'>): number => p999Ms + 1
