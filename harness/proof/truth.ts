// What really happened, told from outside of the sensor: when an outage began and ended, each between two readings of the clock.
import type { Window } from '../analysis/analysis.ts'

/**
 * How nobody is answered. stall: SIGSTOP to SIGCONT. kill: SIGKILL to listening again. wrong: 503 to every call. black-hole: every
 * packet dropped.
 */
export type TruthKind = 'stall' | 'kill' | 'wrong' | 'black-hole'

/** One outage that was made. Ms since the run began. */
export interface Truth {
  readonly kind: TruthKind
  /** What was asked for, which names its cell: it may have taken longer. */
  readonly askedMs: number
  /** It began somewhere in here, */
  readonly from: Window
  /** and ended somewhere in here. */
  readonly to: Window
}

const middle = ([from, to]: Window): number => (from + to) / 2

/** Its length, as well as it is known. */
export const lengthOf = ({ from, to }: Truth): number => middle(to) - middle(from)

/** The least and the most that its length can be. */
export const lengthBounds = ({ from, to }: Truth): Window => [to[0] - from[1], to[1] - from[0]]

/** A measured length less the true one, ms: 0 wherever the truth may lie. */
export const errorOf = (measuredMs: number, truth: Truth): number => {
  const [atLeast, atMost] = lengthBounds(truth)
  return measuredMs - Math.min(atMost, Math.max(atLeast, measuredMs))
}

/** How far the true length may be from `lengthOf`, ms. */
export const openMs = (truth: Truth): number => {
  const [atLeast, atMost] = lengthBounds(truth)
  return (atMost - atLeast) / 2
}
