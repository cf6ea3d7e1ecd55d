// How long a full outage lasted, as likely too long as too short: from the middle of its beginning to the middle of its end.

import type { AffectedCalls } from './affected-calls.ts'
import type { Window } from './analysis.ts'
import { type Calls, endedAt, firstAt, scheduled, sentAt, wasSent } from './calls.ts'
import { likelyWorkOffMs, mostWorkOffMs } from './work-off.ts'

/** An answer that came while the generator slept is read within so long of its waking. */
const READ_MS = 3

/** A lane, what its answers usually take, and when its generator slept. */
interface Felt {
  readonly calls: Calls
  readonly usualMs: number
  readonly ownStalls: readonly Window[]
}

/** What is known of the calls that an outage hit. */
type Edges = Pick<
  AffectedCalls,
  'first' | 'last' | 'firstSentAt' | 'lastFailedSentAt' | 'firstWaitedSentAt' | 'lostSentAt' | 'givenUp'
>

/**
 * The likeliest length. It began between the last answer and the first call that it hit, as likely before the middle of the two as
 * after it. It ended between the last call that failed and the first answer; where calls that were sent later only waited for its end, half a
 * usual answer before the first, and before that by what had been given up and was worked off first. What the generator slept of it is left out where nobody knows that it went on meanwhile.
 */
export const likelyMs = (lane: Felt, [from, to]: Window, hit: Edges): number => {
  const onset = (from + Math.min(to, Math.max(from - lane.usualMs, hit.firstSentAt))) / 2
  const failedLast = failedLastAt(hit, to)
  const recovery =
    failedLast > onset ? (failedLast + to) / 2 : to - lane.usualMs / 2 - likelyWorkOffMs(lane.calls, to, hit)
  return Math.max(0, recovery - onset - unknownMs(lane, [from, to], hit))
}

/**
 * When the last call that failed was sent; never where one was sent later that waited: nobody was well in between. But whoever has hundreds of calls
 * to work off that were given up takes no new ones, and has the first of those that it takes wait, well as it may be.
 */
const failedLastAt = (hit: Edges, to: number): number =>
  to - hit.firstWaitedSentAt <= mostWorkOffMs(hit) ? hit.lastFailedSentAt : -Infinity

/**
 * How long the generator slept in a gap while somebody may have been answered: half of it, since they may as well not have been. A
 * sleep before the first call hit, or after the last that failed, lies where the outage's middle was taken already.
 */
const unknownMs = ({ calls, ownStalls }: Felt, [from, to]: Window, hit: Edges): number => {
  const failedLast = failedLastAt(hit, to)
  let unknown = 0
  for (const [fell, woke] of ownStalls) {
    if (fell >= to || woke <= from || woke <= hit.firstSentAt) continue
    const isAtEnd = failedLast > from && fell >= failedLast
    if (!isAtEnd && !wentOn(calls, [fell, woke], hit)) unknown += Math.min(woke, to) - Math.max(fell, from)
  }
  return unknown / 2
}

/**
 * Whether an outage went on while the generator slept: a call that was sent before it was lost, and one that was sent after it too; or a
 * call was out before it, and was not answered by what lay there when it woke.
 */
const wentOn = (calls: Calls, [fell, woke]: Window, { first, last, lostSentAt }: Edges): boolean => {
  if (wasLostAround(lostSentAt, [fell, woke])) return true
  // Whoever was sent before this has been given up by then.
  const longAgo = firstAt(calls, fell - 2 * calls.lane.header.deadlineMs)
  for (let i = Math.max(first, longAgo); i < last && scheduled(calls, i) <= fell; i += 1)
    if (wasSent(calls.code[i]) && sentAt(calls, i) <= fell && endedAt(calls, i) > woke + READ_MS) return true
  return false
}

/** Whether of the calls that an outage hit some were lost that were sent before a sleep of the generator's, and some after it. */
export const wasLostAround = ([first, last]: AffectedCalls['lostSentAt'], [fell, woke]: Window): boolean =>
  first <= fell && last >= woke
