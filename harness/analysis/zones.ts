// What the gateways of each zone answered and lost, by phase.
import type { NodeAnalysis, PhaseName, ZoneAnalysis } from './analysis.ts'
import type { AnalysedLane } from './lane.ts'
import { sumOf } from './latency-by-node.ts'

/** Data-plane nodes by zone, in the order they are listed; a zone without one is not there. */
export const zonesOf = (nodes: readonly NodeAnalysis[], lanes: readonly AnalysedLane[]): readonly ZoneAnalysis[] => {
  const callers = lanes.filter(({ calls }) => calls.lane.header.purpose === 'callers')
  const gateways = nodes.filter(({ role }) => role === 'data-plane')
  return [...Map.groupBy(gateways, ({ zone }) => zone).entries()].map(([zone, members]) => {
    const names = members.map(({ node }) => node)
    const latencies = callers.flatMap((lane) =>
      lane.latencies.filter(({ node }) => node !== null && names.includes(node)),
    )
    return {
      zone,
      nodes: names,
      answered: byPhase((phase) => members.reduce((sum, { answered }) => sum + answered[phase], 0)),
      lost: byPhase((phase) => members.reduce((sum, { lostByPhase }) => sum + lostByPhase[phase], 0)),
      latency: byPhase((phase) => sumOf(latencies.filter((each) => each.phase === phase)).read()),
    }
  })
}

const byPhase = <T>(of: (phase: PhaseName) => T): Readonly<Record<PhaseName, T>> => ({
  steady: of('steady'),
  disturbed: of('disturbed'),
  recovered: of('recovered'),
})
