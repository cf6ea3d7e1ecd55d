// Whether a gateway was given calls that was started while every control-plane node was down: by the vendor's contract it has no configuration.
import type { Window } from '../analysis/analysis.ts'
import { type EventOf, eventsOf, stageAt } from '../history/event.ts'
import { nodesOf } from '../topology/topology.ts'
import { type Case, type Judge, limitNumber, notMeasured } from './case.ts'
import { sayList, sayWhen } from './say.ts'

/** How many such gateways a balancer took in before the control plane was healed. A balancer that drops nobody misses its ejection. */
export const admittedUnconfigured: Judge = (of, demanded) => {
  const starts = unconfiguredStarts(of)
  if (starts.length === 0)
    return notMeasured(
      'count',
      'No gateway was started while every control-plane node was down, so nobody was to be kept out.',
    )
  const admissions = starts.flatMap(({ node, since, until }) =>
    eventsOf(of.history.events, 'rotation').filter(
      (event) => event.node === node && event.state === 'in' && event.at > since && event.at < until,
    ),
  )
  const nodes = [...new Set(admissions.map(({ node }) => node))].sort()
  const [first] = admissions.toSorted((a, b) => a.at - b.at)
  const isOver = nodes.length > limitNumber(demanded)
  const started = sayList([...new Set(starts.map(({ node }) => node))].sort())
  return {
    measured: nodes.length,
    unit: 'count',
    outcome: isOver ? 'fail' : 'pass',
    because: first
      ? `${first.balancer} took ${first.node} in at ${sayWhen(of, first.at)}, though it had been started while every control-plane node was down.`
      : `${started}, started while every control-plane node was down, was taken in by no balancer until they were healed.`,
    ...(first && isOver && { culprit: sayList(nodes), at: first.at }),
  }
}

interface Start {
  readonly node: string
  readonly since: number
  /** When the control plane's heal began, or the node was started anew. */
  readonly until: number
}

const unconfiguredStarts = (of: Case): readonly Start[] => {
  const [run] = eventsOf(of.history.events, 'run')
  const gateways = new Set(run ? nodesOf(run.topology, 'data-plane').map(({ name }) => name) : [])
  const started = eventsOf(of.history.events, 'engine').filter(
    ({ node, action }) => action === 'start' && gateways.has(node),
  )
  return controlPlaneOutages(of, run).flatMap(([from, to]) =>
    started
      .filter(({ at }) => at >= from && at < to)
      .map(({ node, at }) => {
        const again = started.find((each) => each.node === node && each.at > at)?.at ?? Infinity
        return { node, since: at, until: Math.min(to, again) }
      }),
  )
}

/** Faults that took every control-plane node away: from when all of it was in effect until the heal began. */
const controlPlaneOutages = ({ analysis, history }: Case, run: EventOf<'run'> | undefined): readonly Window[] => {
  const nodes = run ? nodesOf(run.topology, 'control-plane').map(({ name }) => name) : []
  if (nodes.length === 0) return []
  return analysis.faults.flatMap(({ id, targets, inEffectAt, inEffectBounds }): readonly Window[] => {
    if (inEffectAt === null || !nodes.every((node) => targets.includes(node))) return []
    return [[inEffectBounds?.[1] ?? inEffectAt, stageAt(history.events, id, 'heal') ?? Infinity]]
  })
}
