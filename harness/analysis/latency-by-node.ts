// Latencies of one lane, counted once by phase and by the node that each call joins to: everything coarser is a sum of these.
import type { Histogram, PhaseName, Phases, Window } from './analysis.ts'
import type { Attribution } from './attribution.ts'
import { ANSWERED, type Calls, rangeOf, UNANSWERED } from './calls.ts'
import { type LatencyCount, latencyCount } from './histogram.ts'
import { latencyUsOf } from './latency.ts'
import { phaseWindows } from './phases.ts'

/** What one phase of a lane counted on one node; on nobody where `node` is null. */
export interface NodeLatency {
  readonly phase: PhaseName
  readonly window: Window
  readonly node: string | null
  readonly count: LatencyCount
}

/**
 * Counts a lane. Answered calls join to the node that says it answered, unanswered ones to whom the balancer's log names, those that were held
 * back (`lost`) to nobody.
 */
export const latencyByNode = (
  calls: Calls,
  phases: Phases,
  { attribution, lost }: { readonly attribution: Attribution; readonly lost: Uint8Array },
): readonly NodeLatency[] =>
  phaseWindows(phases).flatMap(([phase, window]) => {
    const { nodes } = calls.lane.header
    // The node column's value is the index; NO_NODE is beyond every name.
    const counts: (LatencyCount | undefined)[] = []
    const [first, last] = rangeOf(calls, window)
    for (let i = first; i < last; i += 1) {
      const code = calls.code[i]
      const us = latencyUsOf(calls, i, lost)
      if (us < 0) continue
      const named = code === UNANSWERED ? attribution.nodeOf(calls, i) : null
      const node = code === ANSWERED ? (calls.lane.node[i] ?? NOBODY) : indexOf(nodes, named)
      const count = counts[node] ?? latencyCount()
      counts[node] = count
      count.add(us)
    }
    return counts.flatMap((count, node) => (count ? [{ phase, window, node: nodes[node] ?? null, count }] : []))
  })

const NOBODY = 255

const indexOf = (nodes: readonly string[], name: string | null): number => {
  const i = name === null ? -1 : nodes.indexOf(name)
  return i < 0 ? NOBODY : i
}

/** All of them in one count. */
export const sumOf = (latencies: readonly NodeLatency[]): LatencyCount => {
  const sum = latencyCount()
  for (const { count } of latencies) sum.addAll(count)
  return sum
}

/** A lane's histograms as plain values: each phase, then the part of it that each node had. */
export const histogramsOf = (lane: string, latencies: readonly NodeLatency[]): readonly Histogram[] =>
  [...Map.groupBy(latencies, ({ phase }) => phase).entries()].flatMap(([phase, ofPhase]) => {
    const window = ofPhase[0]?.window ?? [0, 0]
    const whole: Histogram = { lane, phase, node: null, window, ...sumOf(ofPhase).buckets() }
    const parts = ofPhase.flatMap(({ node, count }): readonly Histogram[] =>
      node === null ? [] : [{ lane, phase, node, window, ...count.buckets() }],
    )
    return [whole, ...parts]
  })
