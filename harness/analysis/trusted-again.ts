// When a balancer trusted again a node that it had dropped: what its settings predict. A first call comes later, when it is the node's turn.
import { type Event, eventsOf, isTrusted, stageAt } from '../history/event.ts'
import { againBrokenAt } from './aftermath.ts'
import type { FaultAnalysis, Measured, Timing } from './analysis.ts'
import { between } from './timing.ts'

/** Clear → trusted, by the balancer that a readmission is told of; null where it never dropped the node, or nobody saw it trusted before the next fault. */
export const trustedAgain = (
  events: readonly Event[],
  faults: readonly FaultAnalysis[],
  { of, at, faultId }: Pick<Timing, 'of' | 'at' | 'faultId'>,
): Measured | null => {
  const fault = faults.find(({ id }) => id === faultId)
  if (!fault || fault.healedAt === null) return null
  const opinions = eventsOf(events, 'rotation')
    .filter(({ node, balancer, backend }) => node === of && [balancer, `${balancer} (${backend})`].includes(at))
    .toSorted((a, b) => a.at - b.at)
  const from = stageAt(events, fault.id, 'heal') ?? fault.healedAt
  const before = opinions.findLast((event) => event.at < from)
  if (before === undefined || isTrusted(before.state)) return null
  const until = againBrokenAt(faults, fault, of)
  const back = opinions.find((event) => event.at >= from && event.at < until && isTrusted(event.state))
  // Both are of one clock.
  return back ? between(fault.clearBounds ?? [fault.healedAt, fault.healedAt], [back.lastLookAt, back.at], 0) : null
}
