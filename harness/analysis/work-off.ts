// How long whoever had been stalled was well again and still answered nobody: it works off the calls that were given up meanwhile first.

import { type AffectedCalls, DROPPED_MS } from './affected-calls.ts'
import { ANSWERED, type Calls, endedAt, sentAt } from './calls.ts'

/** At most so long each. */
const MOST_MS = 0.25

/** So many answers in a row have a pace. */
const LEAST_ANSWERS = 8

/** At most. */
export const mostWorkOffMs = ({ givenUp }: Pick<AffectedCalls, 'givenUp'>): number => MOST_MS * givenUp

/**
 * Likely, in an outage that ended at `to`: as long each as the calls that had waited took then, one after the other. 0 where too few waited for
 * a pace, or were answered so slowly that nobody worked anything off: what was dropped on its way was given up as well, and is nobody's work.
 */
export const likelyWorkOffMs = (
  calls: Calls,
  to: number,
  { givenUp, first, last }: Pick<AffectedCalls, 'givenUp' | 'first' | 'last'>,
): number => {
  if (givenUp === 0) return 0
  const answers: number[] = []
  for (let i = first; i < last; i += 1)
    if (calls.code[i] === ANSWERED && sentAt(calls, i) < to && isWithin(endedAt(calls, i), to))
      answers.push(endedAt(calls, i))
  if (answers.length < LEAST_ANSWERS) return 0
  answers.sort((a, b) => a - b)
  // Of the earlier half: the last of them may have other reasons to be late.
  const half = Math.floor(answers.length / 2)
  const paceMs = ((answers[half] ?? to) - to) / half
  return paceMs <= MOST_MS ? givenUp * paceMs : 0
}

const isWithin = (at: number, to: number): boolean => at >= to && at <= to + DROPPED_MS
