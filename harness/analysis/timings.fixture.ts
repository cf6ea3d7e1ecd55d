// The timings of a small history built by hand.
import { analyse } from './analyse.ts'
import type { Timing } from './analysis.ts'
import { type HistorySpec, historyOf } from './history.fixture.ts'

/** Those of one measure, as the analysis lists them. */
export const timingsOf = (measure: Timing['measure'], spec: HistorySpec = {}): readonly Timing[] =>
  analyse(historyOf(spec)).timings.filter((timing) => timing.measure === measure)
