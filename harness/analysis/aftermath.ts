// What follows a fault is its own until the next one takes the node: from when on, until when, and who waited for it.
import { type Event, eventsOf, stageAt, standsIn } from '../history/event.ts'
import type { FaultAnalysis } from './analysis.ts'
import type { TimingContext } from './timing.ts'

/** From when on an answer in a node's name is its own: of one that was replaced, its replacement may answer until that is gone. */
export const backFrom = (events: readonly Event[], { id, kind, healedAt }: FaultAnalysis): number | null =>
  standsIn(kind) ? healedAt : stageAt(events, id, 'heal')

/** When the next fault on the same node was intended; Infinity when there is none. */
export const againBrokenAt = (faults: readonly FaultAnalysis[], fault: FaultAnalysis, node: string): number =>
  faults.find(
    (each) =>
      each.id !== fault.id && each.targets.includes(node) && each.intendedAt > (fault.healedAt ?? fault.intendedAt),
  )?.intendedAt ?? Infinity

/** When the next fault on the same node was intended; the end of the run when there is none. */
export const untilNextOn = ({ faults, end }: TimingContext, fault: FaultAnalysis, node: string): number =>
  Math.min(againBrokenAt(faults, fault, node), end)

/** How long somebody waited in vain for this node after this fault, counted from its effect (drops) or its healing (admits). */
export const waitedInVain = (
  context: TimingContext,
  observed: 'drops' | 'admits',
  node: string,
  fault: FaultAnalysis,
): number => {
  const since = (observed === 'drops' ? fault.inEffectAt : fault.healedAt) ?? fault.intendedAt
  const until = untilNextOn(context, fault, node)
  const waits = eventsOf(context.events, 'observation').filter(
    (event) =>
      event.observed === observed &&
      event.outcome === 'ran-out' &&
      event.nodes.includes(node) &&
      event.at > since &&
      event.at <= until,
  )
  return waits.reduce((most, wait) => Math.max(most, Math.min(wait.waitedMs, wait.at - since)), 0)
}
