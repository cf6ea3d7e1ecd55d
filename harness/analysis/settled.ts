// Steady state as one lane knows it: what a fault does to the calls that it finds under way is not what is usual.
import type { Window } from './analysis.ts'
import { ANSWERED, APART, type Calls, endedAt, firstAt, isLost, responseMs, scheduled, sentAt } from './calls.ts'
import { latencyCount } from './histogram.ts'

/** So many calls say how long a call is usually under way. */
const LAST_CALLS = 1000

/** A call that was under way for more than so many times as long as hardly any usually is (p99) did not wait for the fault. */
const LONGER = 2

/**
 * The window, which ends at the first intent, without what the fault may have done: to when the first call was due that had been under way for a
 * usual time by then, and was lost after it or took longer than hardly any. All calls due later go with it, the quick ones too: without the slow
 * ones alone, what is left would be quicker than usual. A call that had been out for longer hung before anything was broken: that is trouble of
 * the steady state, which has to stay in sight, and takes no other call with it.
 */
export const settledOf = (calls: Calls, [from, intended]: Window, clockErrorMs: number): Window => {
  // As early as the callers' clock may have it.
  const intent = Math.max(from, intended - clockErrorMs)
  const longMs = usualMs(calls, [from, intent])
  const isHarmed = (i: number): boolean =>
    isLost(calls.code[i]) || calls.code[i] === APART || (calls.code[i] === ANSWERED && responseMs(calls, i) > longMs)
  // Whoever was due before this has been given up by then, also where the generator sent it late.
  const longAgo = Math.max(from, intent - 2 * calls.lane.header.deadlineMs)
  for (let i = firstAt(calls, longAgo); i < calls.count && scheduled(calls, i) < intended; i += 1)
    if (isHarmed(i) && sentAt(calls, i) >= intent - LONGER * longMs && endedAt(calls, i) >= intent)
      return [from, scheduled(calls, i)]
  return [from, intended]
}

/** The p99 of the last calls of a window that were answered before it ended; 0 where none was. */
const usualMs = (calls: Calls, [from, to]: Window): number => {
  const took = latencyCount()
  let left = LAST_CALLS
  for (let i = firstAt(calls, to) - 1; i >= 0 && left > 0 && scheduled(calls, i) >= from; i -= 1) {
    if (calls.code[i] !== ANSWERED || endedAt(calls, i) >= to) continue
    took.add(responseMs(calls, i) * 1000)
    left -= 1
  }
  return took.read()?.p99 ?? 0
}
