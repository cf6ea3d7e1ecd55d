// What a judge has before it, and how it writes down what it finds.
import type { Analysis, FaultAnalysis, LaneAnalysis, Measured, Window } from '../analysis/analysis.ts'
import { watching } from '../analysis/sight.ts'
import type { Demand, Settings } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { toMs } from '../time/duration.ts'
import type { Finding, VerdictOutcome } from './verdict.ts'

/** One scenario to be judged. */
export interface Case {
  readonly history: History
  readonly analysis: Analysis
  readonly demand: Demand
  readonly settings: Settings | null
  /** Analysis.judged; the whole run without a fault. */
  readonly window: Window
}

/** What one judge says of one objective: a finding without what every finding has. */
export type Ruling = Pick<Finding, 'measured' | 'unit' | 'outcome' | 'because' | 'culprit' | 'unended' | 'at'>

/** Judges one objective against what was demanded. */
export type Judge = (of: Case, demanded: string | number) => Ruling

/** The lanes with this purpose. */
export const lanesFor = ({ analysis }: Case, purpose: LaneAnalysis['purpose']): readonly LaneAnalysis[] =>
  analysis.lanes.filter((lane) => lane.purpose === purpose)

/** The caller lanes that have to see short outages, and that call often enough for a percentile. */
export const watchingLanes = (of: Case): readonly LaneAnalysis[] => watching(lanesFor(of, 'callers'), (lane) => lane)

/** The faults that had a node in their hands at an instant; all that ever had where no instant is said. */
export const faultsOn = ({ analysis }: Pick<Case, 'analysis'>, node: string, at?: number): readonly FaultAnalysis[] =>
  analysis.faults.filter(
    ({ targets, intendedAt, clearedAt }) =>
      targets.includes(node) && (at === undefined || (intendedAt <= at && at <= (clearedAt ?? Infinity))),
  )

/** Nothing to judge by: never a pass. */
export const notMeasured = (unit: Ruling['unit'], because: string): Ruling => ({
  measured: null,
  unit,
  outcome: 'inconclusive',
  because,
})

/** The worst of several: fail, then inconclusive, then pass. */
export const worstOf = (outcomes: readonly VerdictOutcome[]): VerdictOutcome =>
  outcomes.includes('fail') ? 'fail' : outcomes.includes('inconclusive') ? 'inconclusive' : 'pass'

/** A measured length is above a limit only if all its bounds are, and within it only if all are; between, nobody knows. */
export const within = ({ min, max }: Measured, limit: number): VerdictOutcome =>
  min > limit ? 'fail' : max <= limit ? 'pass' : 'inconclusive'

/** A number that may be too high because of the machine: `certain` is what is left of it without what is in doubt. */
export const atMost = (measured: number, certain: number, limit: number): VerdictOutcome =>
  certain > limit ? 'fail' : measured <= limit ? 'pass' : 'inconclusive'

/** A limit of time in ms. Throws RangeError on anything else. */
export const limitMs = (demanded: string | number): number => {
  if (typeof demanded === 'string') return toMs(demanded)
  throw new RangeError(`${demanded} is no duration: expected a number with its unit, as in '250ms'.`)
}

/** A limit that is a count or a share. Throws RangeError on anything else. */
export const limitNumber = (demanded: string | number): number => {
  if (typeof demanded === 'number' && Number.isFinite(demanded) && demanded >= 0) return demanded
  throw new RangeError(`'${demanded}' is no count: expected a number that is not negative.`)
}

/** '2x' as 2; null when it is no multiple. */
export const multipleOf = (demanded: string | number): number | null => {
  const match = /^(\d+(?:\.\d+)?)x$/.exec(String(demanded))
  return match ? Number(match[1]) : null
}
