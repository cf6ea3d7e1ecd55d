// One lane, analysed: outcomes and latency by phase, outages, lateness, its timeline.
import { ERROR_CLASSES, FLAGS, OUTCOMES } from '../history/call.ts'
import type {
  Doubt,
  FaultAnalysis,
  JudgedLane,
  LaneAnalysis,
  LanePhase,
  Latency,
  LostCall,
  LostOnReturn,
  Outage,
  OutcomeCounts,
  Phases,
  Window,
} from './analysis.ts'
import { type Attribution, mostHit } from './attribution.ts'
import { type Baseline, baselineOf } from './baseline.ts'
import { brownOuts } from './brown-outs.ts'
import { ANSWERED, type Calls, endedAt, endOf, everyMsAt, rangeOf, scheduled, UNSENT, wasSent } from './calls.ts'
import { estimatesDisagree } from './cross-check.ts'
import { cutOffsOf } from './cut-off.ts'
import { errorBudgets, type PhaseLoss } from './error-budget.ts'
import { errorBursts } from './error-bursts.ts'
import { fullOutages } from './full-outage.ts'
import { answerTimes } from './gaps.ts'
import { latencyCount } from './histogram.ts'
import { latencyOver } from './latency.ts'
import { latencyByNode, type NodeLatency, sumOf } from './latency-by-node.ts'
import type { Machine } from './machine.ts'
import { type Marks, marksOf } from './marks.ts'
import { partialOutages } from './partial-outage.ts'
import { phaseWindows } from './phases.ts'
import { seriesOf } from './series.ts'
import { settledOf } from './settled.ts'
import { watching } from './sight.ts'
import { worstWindows } from './worst-windows.ts'

/** What a lane is held against. */
export interface LaneContext {
  readonly faults: readonly FaultAnalysis[]
  /** Every lane of the run. */
  readonly calls: readonly Calls[]
  readonly phases: Phases
  /** The part of the steady phase that was found steady. */
  readonly settled: Window
  /** What objectives are judged over; the whole run without a fault. */
  readonly judged: Window
  /** What percentiles are taken over, of that. */
  readonly latencyWindow: Window
  /** From each heal's beginning to the next fault, or to the end of what is judged. */
  readonly comebacks: readonly Window[]
  readonly machine: Machine
  readonly attribution: Attribution
  /** What the callers' clock is known to against ours. */
  readonly clockErrorMs: number
  /** The p99 that the scenario demands, ms; 0 where it demands none, or one against steady. */
  readonly p99LimitMs: number
}

/** A lane's analysis, and what only the rest of the analysis needs. */
export interface AnalysedLane {
  readonly calls: Calls
  readonly analysis: LaneAnalysis
  readonly baseline: Baseline
  /** The part of the steady phase that was found steady, without the calls that the first fault may have met. */
  readonly settled: Window
  readonly marks: Marks
  readonly doubts: readonly Doubt[]
  /** Gaps between answers that calls fell into, outages or not: a call may rightly be held back in them. */
  readonly gaps: readonly Window[]
  /** Those of them that were weighed and are no outages: one node's, or chance. */
  readonly dismissed: readonly Window[]
  readonly latencies: readonly NodeLatency[]
}

/** Analyses one lane. */
export const analyseLane = (calls: Calls, context: LaneContext): AnalysedLane => {
  const times = answerTimes(calls)
  const settled = context.phases.disturbed ? settledOf(calls, context.settled, context.clockErrorMs) : context.settled
  const baseline = baselineOf(calls, times, settled, context.machine)
  const others = context.calls.filter((each) => each !== calls && isOfTheSame(each, calls))
  const full = fullOutages({ calls, times, baseline, machine: context.machine, others })
  const unserved = [...full.outages.map(({ from, to }): Window => [from, to]), ...full.byChance]
  const marks = marksOf(calls, baseline, context.machine, unserved)
  const partialsOf = (lost: Uint8Array): readonly Omit<Outage, 'nodes'>[] =>
    partialOutages({
      calls,
      lost,
      baseline,
      fullOutages: full.outages.map(({ from, to }) => [from, to]),
    })
  const named = (found: readonly Omit<Outage, 'nodes'>[]): readonly Outage[] =>
    found.map((outage) => withNodes(outage, calls, marks, context.attribution)).sort((a, b) => a.from - b.from)
  const outages = named([...full.outages, ...partialsOf(marks.lostForCertain)])
  const doubtfulPartials = marks.inDoubt.includes(1) ? named(partialsOf(marks.lost)) : []
  const { latency: usualOfAll, soundLatency: usual } = latencyOver(calls, baseline.window, marks)
  const latencies = latencyByNode(calls, context.phases, { attribution: context.attribution, lost: marks.lost })
  const { lane, purpose, zone, rate, node, ramps } = calls.lane.header
  const phases = phaseWindows(context.phases).map(
    ([phase, window]): LanePhase => ({
      phase,
      counts: countsOver(calls, window),
      ...heldBackOver(calls, window, marks),
      ...latencyOver(calls, window, marks, sumOf(latencies.filter((each) => each.phase === phase)).read()),
    }),
  )
  const cutOffs = cutOffsOf(calls, context.faults)
  const analysis: LaneAnalysis = {
    lane,
    purpose,
    ...(node !== undefined && { node }),
    zone,
    rate,
    ...(ramps && { schedule: { t0: calls.t0, rate, ramps } }),
    count: calls.count,
    phases,
    outages,
    floorMs: baseline.floorMs,
    lateness: latenessOf(calls),
    series: seriesOf(calls, [calls.t0, endOf(calls)]),
    ...sentAgainIn(calls),
    errorClasses: errorClassesOf(calls, marks),
    judged: judgedLane(calls, marks, context),
    ...(context.comebacks.length > 0 && { onReturn: lostOnReturn(calls, marks, context) }),
    baseline: usual,
    baselineOfAll: usualOfAll,
    errorBursts: errorBursts({ calls, lost: marks.lost, inDoubt: marks.inDoubt, attribution: context.attribution }),
    brownOuts: brownOuts({ calls, marks, outages, baseline: usual, limitMs: context.p99LimitMs }),
    worstWindows: worstWindows(calls, marks.lost),
    errorBudgets: errorBudgets(lossesByPhase(calls, marks, context.phases)),
    ...(doubtfulPartials.length > 0 && { doubtfulPartials }),
    ...(cutOffs.length > 0 && { cutOffs }),
  }
  const { doubts, gaps, dismissed } = full
  return { calls, analysis, baseline, settled, marks, doubts, gaps, dismissed, latencies }
}

/** Lanes for one purpose, from one zone. */
const isOfTheSame = (one: Calls, other: Calls): boolean =>
  one.lane.header.purpose === other.lane.header.purpose && one.lane.header.zone === other.lane.header.zone

/** The caller lanes that have to see short outages, and that call often enough to say when all is as before. */
export const watchers = (lanes: readonly AnalysedLane[]): readonly AnalysedLane[] =>
  watching(
    lanes.filter(({ calls }) => calls.lane.header.purpose === 'callers'),
    ({ calls }) => calls.lane.header,
  )

/** Indices of the calls a window is judged by: scheduled in it, or under way when it began. */
export const isUnderWayIn = (calls: Calls, i: number, [from, to]: Window): boolean =>
  scheduled(calls, i) < to && endedAt(calls, i) >= from

const withNodes = (outage: Omit<Outage, 'nodes'>, calls: Calls, marks: Marks, attribution: Attribution): Outage => {
  const counts: Record<string, number> = {}
  const [first, last] = rangeOf(calls, [outage.from, outage.to + calls.everyMs])
  for (let i = first; i < last; i += 1) {
    if (!marks.lost[i]) continue
    const node = attribution.nodeOf(calls, i) ?? ''
    counts[node] = (counts[node] ?? 0) + 1
  }
  const { kind, length, lossDerivedMs } = outage
  return {
    ...outage,
    nodes: mostHit(counts),
    ...(kind === 'full' && estimatesDisagree(length, lossDerivedMs) && { estimatesDisagree: true }),
  }
}

const countsOver = (calls: Calls, window: Window): OutcomeCounts => {
  const counts = new Array<number>(6).fill(0)
  const [first, last] = rangeOf(calls, window)
  for (let i = first; i < last; i += 1) {
    const code = calls.code[i] ?? 5
    counts[code] = (counts[code] ?? 0) + 1
  }
  const [answered = 0, wrong = 0, refused = 0, unanswered = 0, unsent = 0] = OUTCOMES.map(
    (_, code) => counts[code] ?? 0,
  )
  return { answered, wrong, refused, unanswered, unsent }
}

const heldBackOver = (calls: Calls, window: Window, { lost }: Marks): Pick<LanePhase, 'heldBack'> => {
  let heldBack = 0
  const [first, last] = rangeOf(calls, window)
  for (let i = first; i < last; i += 1) if (lost[i] && calls.code[i] === UNSENT) heldBack += 1
  return heldBack > 0 ? { heldBack } : {}
}

const lossesByPhase = (calls: Calls, marks: Marks, phases: Phases): readonly PhaseLoss[] =>
  phaseWindows(phases).map(([phase, window]) => {
    let [lost, lostMs, answered] = [0, 0, 0]
    const [first, last] = rangeOf(calls, window)
    for (let i = first; i < last; i += 1) {
      if (marks.lost[i]) {
        lost += 1
        lostMs += everyMsAt(calls, i)
      } else if (calls.code[i] === ANSWERED) answered += 1
    }
    return { phase, lost, lostMs, of: lost + answered }
  })

const latenessOf = (calls: Calls): Latency | null => {
  const count = latencyCount()
  for (let i = 0; i < calls.count; i += 1) if (wasSent(calls.code[i])) count.add(calls.lane.lateUs[i] ?? 0)
  return count.read()
}

const errorClassesOf = (calls: Calls, { lost }: Marks): Readonly<Record<string, number>> => {
  const counts = new Array<number>(ERROR_CLASSES.length).fill(0)
  for (let i = 0; i < calls.count; i += 1) {
    const errorClass = calls.lane.errorClass[i] ?? 0
    if (lost[i]) counts[errorClass] = (counts[errorClass] ?? 0) + 1
  }
  return Object.fromEntries(ERROR_CLASSES.flatMap((name, i) => (counts[i] ? [[name, counts[i]]] : [])))
}

const sentAgainIn = ({ lane, count }: Calls): Pick<LaneAnalysis, 'sentAgain'> => {
  let sentAgain = 0
  for (let i = 0; i < count; i += 1) if (((lane.flags[i] ?? 0) & FLAGS.sentAgain) !== 0) sentAgain += 1
  return sentAgain > 0 ? { sentAgain } : {}
}

const judgedLane = (calls: Calls, marks: Marks, { judged, latencyWindow, attribution }: LaneContext): JudgedLane => {
  let [answered, lost, lostMs, lostInDoubt, lostInDoubtMs] = [0, 0, 0, 0, 0]
  let [firstLost, lastLost]: [number | null, number | null] = [null, null]
  const lostByNode: Record<string, number> = {}
  const deadline = calls.lane.header.deadlineMs
  const [first, last] = rangeOf(calls, [judged[0] - deadline, judged[1]])
  for (let i = first; i < last; i += 1) {
    if (!isUnderWayIn(calls, i, judged)) continue
    if (calls.code[i] === ANSWERED) answered += 1
    if (!marks.lost[i]) continue
    lost += 1
    lostMs += everyMsAt(calls, i)
    lostInDoubt += marks.inDoubt[i] ?? 0
    lostInDoubtMs += (marks.inDoubt[i] ?? 0) * everyMsAt(calls, i)
    firstLost ??= i
    lastLost = i
    const node = attribution.nodeOf(calls, i) ?? ''
    lostByNode[node] = (lostByNode[node] ?? 0) + 1
  }
  return {
    window: judged,
    answered,
    lost,
    lostMs,
    lostInDoubt,
    lostInDoubtMs,
    ...latencyOver(calls, latencyWindow, marks),
    firstLost: firstLost === null ? null : lostCall(calls, firstLost, attribution),
    lastLost: lastLost === null ? null : lostCall(calls, lastLost, attribution),
    lostByNode,
  }
}

const lostOnReturn = (calls: Calls, marks: Marks, { comebacks, attribution }: LaneContext): LostOnReturn => {
  let [lost, inDoubt] = [0, 0]
  let firstLost: number | null = null
  const lostByNode: Record<string, number> = {}
  for (const window of comebacks) {
    const [first, last] = rangeOf(calls, window)
    for (let i = first; i < last; i += 1) {
      if (!marks.lost[i]) continue
      lost += 1
      inDoubt += marks.inDoubt[i] ?? 0
      firstLost ??= i
      const node = attribution.nodeOf(calls, i) ?? ''
      lostByNode[node] = (lostByNode[node] ?? 0) + 1
    }
  }
  return {
    lost,
    inDoubt,
    firstLost: firstLost === null ? null : lostCall(calls, firstLost, attribution),
    lostByNode,
  }
}

const lostCall = (calls: Calls, i: number, attribution: Attribution): LostCall => ({
  lane: calls.name,
  index: i,
  at: scheduled(calls, i),
  errorClass: ERROR_CLASSES[calls.lane.errorClass[i] ?? 0] ?? 'other',
  status: calls.lane.status[i] ?? 0,
  node: attribution.nodeOf(calls, i),
})
