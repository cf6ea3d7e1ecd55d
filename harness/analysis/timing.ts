// What timings are read from, and how a length with bounds is made.
import type { Event, Settings } from '../history/event.ts'
import type { Topology } from '../topology/topology.ts'
import type { ChangeAnalysis, FaultAnalysis, Measured, Window } from './analysis.ts'
import type { AnalysedLane } from './lane.ts'

/** What timings are read from. */
export interface TimingContext {
  readonly events: readonly Event[]
  readonly faults: readonly FaultAnalysis[]
  readonly lanes: readonly AnalysedLane[]
  readonly changes: readonly ChangeAnalysis[]
  readonly topology: Topology | null
  readonly settings: Settings | null
  readonly end: number
  /** The error of the clock between events and calls: it widens every bound. */
  readonly clockErrorMs: number
}

/** A length from an instant known to bounds to another, never below 0. */
export const between = (from: Window, to: Window, errorMs: number): Measured => {
  const point = Math.max(0, (to[0] + to[1]) / 2 - (from[0] + from[1]) / 2)
  return {
    point,
    min: Math.max(0, Math.min(point, to[0] - from[1] - errorMs)),
    max: Math.max(point, to[1] - from[0] + errorMs),
  }
}

/** An instant that is known exactly. */
export const at = (instant: number): Window => [instant, instant]

/** Within which a fault came into effect, ms of the run; one that was never attested counts from its intent. */
export const effectOf = ({ inEffectBounds, inEffectAt, intendedAt }: FaultAnalysis): Window =>
  inEffectBounds ?? at(inEffectAt ?? intendedAt)

/** A length that is known only to be longer than this. */
export const above = (ms: number): Measured => ({ point: Math.max(0, ms), min: Math.max(0, ms), max: Math.max(0, ms) })
