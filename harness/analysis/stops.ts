// While a gateway may cut a call on an idle connection: it closes those as it stops gracefully, and a call may be on its way on one; and
// where its packets are rejected nobody hears that they are of no use before the next call on each.
import { endsProcesses, eventsOf, type FaultKind, stageAt, standsIn } from '../history/event.ts'
import { ROTATION_LOOK_EVERY_MS } from '../history/periods.ts'
import { roleOf } from '../topology/topology.ts'
import type { FaultAnalysis, Window } from './analysis.ts'
import { predictedEjectionMs } from './predictions.ts'
import type { TimingContext } from './timing.ts'

/** What the windows are read from. */
export type StopContext = Pick<TimingContext, 'events' | 'topology' | 'settings' | 'clockErrorMs'>

const endsIdleConnections = (kind: FaultKind): boolean => endsProcesses(kind) || kind === 'reject'

/**
 * From the beginning of each stop, or of a reject, until the balancers give the gateway nothing more, or should not any more by their configuration.
 * Whoever stands in for a node is stopped as well, when that comes back. None where no gateway stops.
 */
export const stopWindows = (fault: FaultAnalysis, context: StopContext): readonly Window[] => {
  const gateways = gatewaysAmong(fault, context)
  if (!endsIdleConnections(fault.kind) || gateways.length === 0) return []
  const healAt = stageAt(context.events, fault.id, 'heal')
  const stoppedBy = fault.inEffectBounds?.[1] ?? fault.inEffectAt ?? fault.intendedAt
  const windowOf = (from: number, by: number): Window => {
    const until = Math.max(...gateways.map((node) => droppedBy(node, { from, by, fault }, context)))
    return [from - context.clockErrorMs, until + context.clockErrorMs]
  }
  return [
    windowOf(fault.intendedAt, stoppedBy),
    ...(healAt !== null && standsIn(fault.kind)
      ? [windowOf(healAt, fault.clearBounds?.[1] ?? fault.healedAt ?? healAt)]
      : []),
  ]
}

/** Those of a fault's targets that are gateways. */
export const gatewaysAmong = ({ targets }: FaultAnalysis, { topology }: StopContext): readonly string[] =>
  targets.filter((target) => roleOf(topology, target) === 'data-plane')

/** When every balancer had dropped the node: as seen, or at the latest as predicted; never before it was stopped. */
const droppedBy = (
  node: string,
  { from, by, fault }: { readonly from: number; readonly by: number; readonly fault: FaultAnalysis },
  { events, settings }: StopContext,
): number => {
  const dropped = eventsOf(events, 'rotation').find(
    (event) => event.node === node && event.at >= from && event.state !== 'in',
  )
  const predicted = by + (predictedEjectionMs(fault.kind, settings?.check) ?? 0) + ROTATION_LOOK_EVERY_MS
  return Math.max(by, Math.min(dropped?.at ?? Infinity, predicted))
}
