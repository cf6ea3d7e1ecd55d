// The calls of a window that slides over a lane, held against what was usual before anything was broken.
import { firstAt, wasSent } from './calls.ts'
import type { AnalysedLane } from './lane.ts'
import { hasEnough, latencyUsOf, SAME_MS } from './latency.ts'

/** p99 may be 1.5 times the baseline's, and differences below SAME_MS are none. */
const SLOWER = 1.5

/** Calls of a window, of which is known what became of them. */
export interface Counted {
  known: number
  sound: number
  lost: number
  slow: number
  soundAndSlow: number
  /** Slower than all calls of steady state were, whatever kept them waiting. */
  slowOfAll: number
}

export interface Sliding {
  readonly counted: Readonly<Counted>
  readonly first: number
  readonly last: number
  /** To the calls [first, last), neither of them less than before. */
  slide(first: number, last: number): void
}

/** An empty one that begins with the first call due from `from` on. */
export const slidingOver = (lane: AnalysedLane, from: number): Sliding => {
  const { calls, marks, analysis } = lane
  const limitUs = slowerThan(usualMs(lane) ?? 0)
  const limitOfAllUs = slowerThan(analysis.baselineOfAll?.p99 ?? 0)
  const counted: Counted = { known: 0, sound: 0, lost: 0, slow: 0, soundAndSlow: 0, slowOfAll: 0 }
  const count = (i: number, by: 1 | -1): void => {
    if (!isKnown(lane, i)) return
    counted.known += by
    if (marks.lostForCertain[i] === 1) counted.lost += by
    const us = latencyUsOf(calls, i, marks.lost)
    if (us > limitUs) counted.slow += by
    if (us > limitOfAllUs) counted.slowOfAll += by
    if (marks.isSound[i] !== 1) return
    counted.sound += by
    if (us > limitUs) counted.soundAndSlow += by
  }
  const window = { first: firstAt(calls, from), last: firstAt(calls, from) }
  return {
    counted,
    get first() {
      return window.first
    },
    get last() {
      return window.last
    },
    slide: (first, last) => {
      for (; window.last < last; window.last += 1) count(window.last, 1)
      for (; window.first < first; window.first += 1) count(window.first, -1)
    },
  }
}

/** Of those of which is known what became of them. */
export const shareOf = (count: number, { known }: Counted): number => count / Math.max(1, known)

/** µs. */
const slowerThan = (usualMs: number): number => Math.max(SLOWER * usualMs, usualMs + SAME_MS) * 1000

/** The p99 of steady state; null where too few of its calls were sound. */
export const usualMs = ({ analysis: { baseline } }: AnalysedLane): number | null =>
  baseline && hasEnough(baseline, 'p99') ? baseline.p99 : null

/** Whether call i was sent, or held back because nobody was answered: of others nobody can say how they would have ended. */
export const isKnown = ({ calls, marks }: AnalysedLane, i: number): boolean =>
  wasSent(calls.code[i]) || marks.lost[i] === 1
