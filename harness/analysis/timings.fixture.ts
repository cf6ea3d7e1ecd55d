// The timings of a small history built by hand.
import { analyse } from './analyse.ts'
import type { Timing } from './analysis.ts'
import { type Broken, type HistorySpec, historyOf } from './history.fixture.ts'

/** Those of one measure, as the analysis lists them. */
export const timingsOf = (measure: Timing['measure'], spec: HistorySpec = {}): readonly Timing[] =>
  analyse(historyOf(spec)).timings.filter((timing) => timing.measure === measure)

/** A gateway that is started anew while it is drained. */
export const DRAINED_AND_RESTARTED: readonly Broken[] = [
  { kind: 'drain', targets: ['data-plane-1'], at: 8000, healAt: 13_000 },
  { kind: 'restart', targets: ['data-plane-1'], at: 10_000, healAt: 11_000 },
]
