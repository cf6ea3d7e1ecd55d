// Error bursts of a lane: lost calls that lie close together, however few they are.
import { ERROR_CLASSES } from '../history/call.ts'
import type { ErrorBurst } from './analysis.ts'
import { type Attribution, mostHit } from './attribution.ts'
import { type Calls, everyMsAt, firstAt, scheduled, wasSent } from './calls.ts'

/** Fewer lost calls than this are no burst. */
const LEAST_CALLS = 3

/** Lost calls no further apart than this belong together; on a slow lane, than five of its intervals. */
const LINK_MS = 100
const LINK_CALLS = 5

/** The width in which a burst's peak is counted. */
const PEAK_MS = 100

/** A lane with its lost calls marked 1. */
export interface Burst {
  readonly calls: Calls
  readonly lost: Uint8Array
  readonly inDoubt: Uint8Array
  readonly attribution: Attribution
}

/** Clusters of at least three lost calls, each at most max(100 ms, 5 / rate) after the one before: measurement.md §7. */
export const errorBursts = (lane: Burst): readonly ErrorBurst[] => {
  const { calls, lost } = lane
  const linkMs = (before: number): number => Math.max(LINK_MS, LINK_CALLS * everyMsAt(calls, before))
  const bursts: ErrorBurst[] = []
  let cluster: number[] = []
  const close = (): void => {
    if (cluster.length >= LEAST_CALLS) bursts.push(burstOf(lane, cluster))
    cluster = []
  }
  for (let i = lost.indexOf(1); i >= 0; i = lost.indexOf(1, i + 1)) {
    const before = cluster.at(-1)
    if (before !== undefined && scheduled(calls, i) - scheduled(calls, before) > linkMs(before)) close()
    cluster.push(i)
  }
  close()
  return bursts
}

const burstOf = (lane: Burst, cluster: readonly number[]): ErrorBurst => {
  const { calls, inDoubt, attribution } = lane
  const classes: Record<string, number> = {}
  const nodes: Record<string, number> = {}
  for (const i of cluster) {
    const errorClass = ERROR_CLASSES[calls.lane.errorClass[i] ?? 0] ?? 'other'
    classes[errorClass] = (classes[errorClass] ?? 0) + 1
    const node = attribution.nodeOf(calls, i) ?? ''
    nodes[node] = (nodes[node] ?? 0) + 1
  }
  return {
    from: scheduled(calls, cluster[0] ?? 0),
    to: scheduled(calls, cluster.at(-1) ?? 0),
    lost: cluster.length,
    lostInDoubt: cluster.reduce((sum, i) => sum + (inDoubt[i] ?? 0), 0),
    peakShare: peakOf(lane, cluster),
    classes,
    nodes: mostHit(nodes),
  }
}

/** The highest share of lost calls among those sent in any 100 ms that begin with a lost call. */
const peakOf = ({ calls }: Burst, cluster: readonly number[]): number => {
  let peak = 0
  // Of the calls [cluster[k], last), so many were sent; of those, the lost ones end at cluster[end].
  let [last, sent, end] = [cluster[0] ?? 0, 0, 0]
  for (const [k, i] of cluster.entries()) {
    for (let before = cluster[k - 1] ?? i; before < Math.min(i, last); before += 1)
      if (wasSent(calls.code[before])) sent -= 1
    // On a slow lane the next lost call may lie beyond the 100 ms of the one before.
    last = Math.max(last, i)
    for (const until = firstAt(calls, scheduled(calls, i) + PEAK_MS); last < until; last += 1)
      if (wasSent(calls.code[last])) sent += 1
    while (end < cluster.length && (cluster[end] ?? 0) < last) end += 1
    // Calls that the cap held back in a full outage are lost and were not sent.
    peak = Math.max(peak, Math.min(1, (end - k) / Math.max(1, sent)))
  }
  return peak
}
