// What really happened, told from outside of the sensor: when an outage began and ended, each between two readings of the clock.
import type { Window } from '../analysis/analysis.ts'
import { STILL_MS } from './truth-server.ts'

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

/** The loop of a server that stands still turned last so long before it should have turned again, at most. */
const TURN_MS = 2

/**
 * One that was killed, with the standstills that it began or ended in: a server that stood still as it was killed answered nobody since its last turn,
 * and one that stands still as it begins to listen answers nobody until the next. What is less than STILL_MS beyond the signal is the loop's ordinary breath.
 */
export const prolonged = (truth: Truth, stills: readonly Window[]): Truth => {
  if (truth.kind !== 'kill') return truth
  const before = stills.find(([from, to]) => from <= truth.from[0] - STILL_MS && to >= truth.from[0])
  // In the turn in which it hears that it listens nobody has reached it yet.
  const after = stills.find(([from, to]) => from <= truth.to[1] + TURN_MS && to >= truth.to[1] + STILL_MS)
  return {
    ...truth,
    ...(before && { from: [before[0], before[0] + TURN_MS] as const }),
    ...(after && { to: [after[1] - TURN_MS, after[1]] as const }),
  }
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
