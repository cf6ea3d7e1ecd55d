// What doubt is looked for in, and what a look for it is.
import type { History } from '../history/history.ts'
import type { Doubt, FaultAnalysis, Phases, Window } from './analysis.ts'
import type { AnalysedLane } from './lane.ts'
import type { Machine } from './machine.ts'

/** What doubts are looked for in. */
export interface DoubtContext {
  readonly history: History
  readonly faults: readonly FaultAnalysis[]
  readonly lanes: readonly AnalysedLane[]
  readonly phases: Phases
  /** The part of the steady phase that was found steady. */
  readonly settled: Window
  /** What objectives are judged over; the whole run without a fault. */
  readonly judged: Window
  readonly run: Window
  readonly machine: Machine
}

/** One look for doubt, named for when it crashes. */
export interface DoubtSearch {
  readonly name: string
  readonly search: (context: DoubtContext) => readonly Doubt[]
}

/** Doubt about the sensor itself covers the whole run, and the window that was to be judged. */
export const everything = ({ run, judged }: Pick<DoubtContext, 'run' | 'judged'>): Window => [
  0,
  Math.max(run[1], judged[1]),
]
