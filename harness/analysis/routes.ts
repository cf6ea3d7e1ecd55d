// What became of each route of the callers' mix: how much of the calls it was, what it lost, and how long it took, by phase.
import type { LaneHeader } from '../history/call.ts'
import { callMix } from '../history/mix.ts'
import type { PhaseName, Phases, RouteAnalysis } from './analysis.ts'
import { rangeOf, wasSent } from './calls.ts'
import { type LatencyCount, latencyCount } from './histogram.ts'
import type { AnalysedLane } from './lane.ts'
import { latencyUsOf } from './latency.ts'
import { phaseWindows } from './phases.ts'

interface Tally {
  weight: number
  calls: number
  lost: number
  lostInDoubt: number
  readonly latency: Record<PhaseName, LatencyCount>
}

/** Routes of all caller lanes together, in the order of their mix; none where every call asks for the same. */
export const routesOf = (lanes: readonly AnalysedLane[], phases: Phases): readonly RouteAnalysis[] => {
  const tallies = new Map<string, Tally>()
  for (const lane of lanes) {
    if (lane.calls.lane.header.purpose === 'callers' && lane.calls.lane.header.mix) add(tallies, lane, phases)
  }
  if (tallies.size < 2) return []
  const all = [...tallies.values()].reduce((sum, { weight }) => sum + weight, 0)
  return [...tallies].map(([route, { weight, calls, lost, lostInDoubt, latency }]) => ({
    route,
    share: weight / all,
    calls,
    lost,
    lostInDoubt,
    latency: {
      steady: latency.steady.read(),
      disturbed: latency.disturbed.read(),
      recovered: latency.recovered.read(),
    },
  }))
}

const add = (tallies: Map<string, Tally>, { calls, marks }: AnalysedLane, phases: Phases): void => {
  const { routeOf, ofLane } = mixOf(calls.lane.header, tallies)
  for (const [phase, window] of phaseWindows(phases)) {
    const [first, last] = rangeOf(calls, window)
    for (let i = first; i < last; i += 1) {
      const tally = ofLane[routeOf(i)]
      if (!tally) continue
      if (wasSent(calls.code[i]) || marks.lost[i] === 1) tally.calls += 1
      tally.lost += marks.lost[i] ?? 0
      tally.lostInDoubt += marks.inDoubt[i] ?? 0
      const us = latencyUsOf(calls, i, marks.lost)
      if (us >= 0) tally.latency[phase].add(us)
    }
  }
}

/** Which route each call of a lane is, and the tally of each; requests of one route that differ in query or body share theirs. */
const mixOf = (
  { mix = [], seed, rate }: LaneHeader,
  tallies: Map<string, Tally>,
): { readonly routeOf: (i: number) => number; readonly ofLane: readonly Tally[] } => {
  const weights = mix.map(({ weight }) => weight)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const ofLane = mix.map(({ route, weight }) => {
    const tally = tallies.get(route) ?? emptyTally()
    tallies.set(route, tally)
    tally.weight += (weight / total) * rate
    return tally
  })
  return { routeOf: callMix(weights, seed), ofLane }
}

const emptyTally = (): Tally => ({
  weight: 0,
  calls: 0,
  lost: 0,
  lostInDoubt: 0,
  latency: { steady: latencyCount(), disturbed: latencyCount(), recovered: latencyCount() },
})
