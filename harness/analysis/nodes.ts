// What each node answered, by phase and over time, and what was lost on it.
import { nodesOf, type Topology } from '../topology/topology.ts'
import type { NodeAnalysis, PhaseName, Phases, RotationSpan, Window } from './analysis.ts'
import type { Attribution } from './attribution.ts'
import { ANSWERED, answeringNode, type Calls, rangeOf, scheduled } from './calls.ts'
import type { AnalysedLane } from './lane.ts'
import { sumOf } from './latency-by-node.ts'
import { phaseWindows } from './phases.ts'
import { sinceAllAreIn } from './rotation.ts'
import { STEP_MS, stepsOf } from './series.ts'

interface NodeContext {
  readonly phases: Phases
  readonly run: Window
  readonly attribution: Attribution
  /** Of the callers' balancer; the Dashboards' reads calls in any case. */
  readonly lbMode: 'http' | 'tcp'
  readonly rotation: readonly RotationSpan[]
  /** Nodes that were trusted for so long are back: a shorter trust may be the word of the check before. */
  readonly backMs: number
}

/** Data-plane nodes as callers met them, and control-plane nodes as the Dashboard lanes did. */
export const analyseNodes = (
  topology: Topology,
  lanes: readonly AnalysedLane[],
  context: NodeContext,
): readonly NodeAnalysis[] => {
  const callers = lanes.filter(({ calls }) => calls.lane.header.purpose === 'callers')
  const dashboards = lanes.filter(({ calls }) => calls.lane.header.purpose === 'dashboard')
  return [
    ...tallyAll(topology, 'data-plane', callers, context),
    ...(dashboards.length ? tallyAll(topology, 'control-plane', dashboards, { ...context, lbMode: 'http' }) : []),
  ]
}

interface Tally {
  readonly answered: Record<PhaseName, number>
  placed: number
  readonly lost: Record<PhaseName, number>
  readonly answeredSteps: number[]
  readonly lostSteps: number[]
}

const tallyAll = (
  topology: Topology,
  role: 'data-plane' | 'control-plane',
  lanes: readonly AnalysedLane[],
  context: NodeContext,
): readonly NodeAnalysis[] => {
  const nodes = nodesOf(topology, role)
  const [from, steps] = stepsOf(context.run)
  const names = nodes.map((node) => node.name)
  const { recovered } = context.phases
  const even = recovered && sinceAllAreIn(context.rotation, names, { window: recovered, backMs: context.backMs })
  const tallies = new Map(nodes.map((node) => [node.name, emptyTally(steps)]))
  for (const lane of lanes) tallyLane(lane, tallies, { ...context, from, even })
  return nodes.flatMap(({ name, zone }) => {
    const tally = tallies.get(name)
    return tally ? [{ node: name, role, zone, ...readTally(tally, from), latency: latencyOn(name, lanes) }] : []
  })
}

const emptyTally = (steps: number): Tally => ({
  answered: { steady: 0, disturbed: 0, recovered: 0 },
  placed: 0,
  lost: { steady: 0, disturbed: 0, recovered: 0 },
  answeredSteps: new Array<number>(steps).fill(0),
  lostSteps: new Array<number>(steps).fill(0),
})

const tallyLane = (
  { calls, marks }: AnalysedLane,
  tallies: ReadonlyMap<string, Tally>,
  {
    phases,
    attribution,
    lbMode,
    from,
    even,
  }: NodeContext & {
    readonly from: number
    /** Since when every node was to get its share. */
    readonly even: Window | null
  },
): void => {
  const isChosen = lbMode === 'http' || calls.lane.header.connections === 'new'
  const [firstPlaced, lastPlaced] = isChosen && even ? rangeOf(calls, even) : [0, 0]
  for (const [phase, window] of phaseWindows(phases)) {
    const [first, last] = rangeOf(calls, window)
    for (let i = first; i < last; i += 1) {
      const isAnswered = calls.code[i] === ANSWERED
      if (!isAnswered && !marks.lost[i]) continue
      const tally = tallies.get((isAnswered ? answeringNode(calls, i) : attribution.nodeOf(calls, i)) ?? '')
      if (tally) count(tally, calls, i, { phase, isAnswered, isPlaced: i >= firstPlaced && i < lastPlaced, from })
    }
  }
}

const count = (
  tally: Tally,
  calls: Calls,
  i: number,
  { phase, isAnswered, isPlaced, from }: { phase: PhaseName; isAnswered: boolean; isPlaced: boolean; from: number },
): void => {
  const steps = isAnswered ? tally.answeredSteps : tally.lostSteps
  const step = Math.floor((scheduled(calls, i) - from) / STEP_MS)
  if (step >= 0 && step < steps.length) steps[step] = (steps[step] ?? 0) + 1
  if (isAnswered) tally.answered[phase] += 1
  else tally.lost[phase] += 1
  if (isAnswered && isPlaced) tally.placed += 1
}

const readTally = (tally: Tally, from: number): Omit<NodeAnalysis, 'node' | 'role' | 'zone' | 'latency'> => ({
  answered: tally.answered,
  placed: tally.placed,
  lost: tally.lost.steady + tally.lost.disturbed + tally.lost.recovered,
  lostByPhase: tally.lost,
  series: { from, stepMs: STEP_MS, answered: tally.answeredSteps, lost: tally.lostSteps },
})

const latencyOn = (node: string, lanes: readonly AnalysedLane[]): NodeAnalysis['latency'] => {
  const on = (phase: PhaseName) =>
    sumOf(
      lanes.flatMap(({ latencies }) => latencies.filter((each) => each.node === node && each.phase === phase)),
    ).read()
  return { steady: on('steady'), disturbed: on('disturbed'), recovered: on('recovered') }
}
