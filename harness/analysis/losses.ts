// What callers lost in each fault, counted the way the defaults by kind of fault need it.
import { ERROR_CLASSES, type ErrorClass } from '../history/call.ts'
import type { FaultAnalysis, Losses, Window } from './analysis.ts'
import type { Attribution } from './attribution.ts'
import { type Calls, endedAt, mayHaveHappened, scheduled } from './calls.ts'
import { type AnalysedLane, isUnderWayIn } from './lane.ts'
import { lowerBound } from './windows.ts'

/** The balancer stamps its log in whole ms on the wall clock, which we put on our axis to a few ms. */
const LOG_SLACK_MS = 5

interface LossContext {
  readonly judged: Window
  readonly attribution: Attribution
  readonly lbMode: 'http' | 'tcp'
}

interface Tally {
  lost: number
  inFlightOnTarget: number
  scheduledLater: number
  mayHaveHappened: number
  inDoubt: number
}

/**
 * Losses of the caller lanes by fault. Each lost call belongs to exactly one fault, the one intended last before the call
 * ended, so that nothing is excused twice where the windows of two faults overlap.
 */
export const lossesOf = (
  faults: readonly FaultAnalysis[],
  lanes: readonly AnalysedLane[],
  context: LossContext,
): readonly Losses[] => {
  const intents = Float64Array.from(faults, (fault) => fault.intendedAt)
  const tallies = faults.map(emptyTally)
  for (const lane of lanes) {
    if (lane.calls.lane.header.purpose !== 'callers') continue
    for (let i = 0; i < lane.calls.count; i += 1) {
      if (!lane.marks.lost[i] || !isUnderWayIn(lane.calls, i, context.judged)) continue
      // The first intent after the call's end, less one.
      const k = lowerBound(intents, endedAt(lane.calls, i) + 1e-9) - 1
      const fault = faults[Math.max(0, k)]
      const tally = tallies[Math.max(0, k)]
      if (fault && tally) add(tally, fault, lane, i, context)
    }
  }
  return faults.map((fault, k) => ({ faultId: fault.id, ...(tallies[k] ?? emptyTally()) }))
}

const emptyTally = (): Tally => ({ lost: 0, inFlightOnTarget: 0, scheduledLater: 0, mayHaveHappened: 0, inDoubt: 0 })

const add = (
  tally: Tally,
  fault: FaultAnalysis,
  { calls, marks }: AnalysedLane,
  i: number,
  { attribution, lbMode }: LossContext,
): void => {
  tally.lost += 1
  tally.inDoubt += marks.inDoubt[i] ?? 0
  if (mayHaveHappened(calls, i)) tally.mayHaveHappened += 1
  const bounds = boundsOf(fault)
  if (!bounds) return
  const [atLeast, atMost] = bounds
  if (scheduled(calls, i) > atMost) {
    tally.scheduledLater += 1
    return
  }
  const line = attribution.lineOf(calls, i)
  // A log of connections says nothing of calls. A call that was cut while the fault took effect was on its way through somebody.
  if (lbMode === 'tcp') {
    if (endedAt(calls, i) >= atLeast - LOG_SLACK_MS) tally.inFlightOnTarget += 1
    return
  }
  if (!line && isAskedAgain(calls, i)) {
    // A process that is killed lets go of its connections before the last of its ports refuses: from the intent on it may be that.
    if (endedAt(calls, i) >= fault.intendedAt) tally.inFlightOnTarget += 1
    return
  }
  const isOnTarget = line?.node != null && fault.targets.includes(line.node)
  if (isOnTarget && line.from <= atMost + LOG_SLACK_MS && line.to >= atLeast - LOG_SLACK_MS) tally.inFlightOnTarget += 1
}

const CUT = ['connection-closed', 'connection-reset'].map((each) => ERROR_CLASSES.indexOf(each as ErrorClass))

/**
 * Whether a balancer that reads calls asked for it to be made again: where a connection to a node breaks that has served before, and
 * it is not to repeat the call itself, HAProxy closes the caller's connection without an answer, and writes no line. Which calls it
 * repeats is its own setting: a PUT may be made twice, and is not repeated where that says GET.
 */
const isAskedAgain = (calls: Calls, i: number): boolean => CUT.includes(calls.lane.errorClass[i] ?? 0)

const boundsOf = (fault: FaultAnalysis): Window | null => {
  if (fault.inEffectAt === null) return null
  return fault.inEffectBounds ?? [fault.inEffectAt, fault.inEffectAt]
}
