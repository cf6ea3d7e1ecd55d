// Which faults may be in effect on one node at a time, and why the others may not.
import { endsProcesses, type FaultKind, standsIn } from '../history/event.ts'

const NETWORK: ReadonlySet<FaultKind> = new Set([
  'isolate',
  'one-way',
  'reject',
  'partition',
  'loss',
  'bandwidth',
  'slow',
])
const CUTS_OFF: ReadonlySet<FaultKind> = new Set(['isolate', 'one-way', 'reject'])
const RESOURCES: ReadonlySet<FaultKind> = new Set(['cpu', 'memory', 'disk'])

/** A fault as others have to get on with it: whom it breaks, and whom it knows by their addresses alone. */
export interface Concerned {
  readonly kind: FaultKind
  readonly broken: readonly string[]
  readonly otherSide?: readonly string[]
}

/** Why `next` cannot be injected while `held` is in effect, and of whose of `held` that is said; null where they get on. */
export const clashOf = (
  held: Concerned,
  next: Concerned,
): { readonly names: readonly string[]; readonly because: string } | null => {
  const both = shared(held.broken, next.broken)
  const because = both.length > 0 ? whyNot(held.kind, next.kind) : null
  if (because !== null) return { names: both, because }
  const moved = [...movedFrom(held, next), ...movedFrom(next, held)]
  if (moved.length === 0) return null
  return {
    names: held.broken,
    because: `${moved.join(', ')} is cut off by an address that whoever stands in for it does not have`,
  }
}

const shared = (some: readonly string[], others: readonly string[] = []): readonly string[] =>
  some.filter((name) => others.includes(name))

/** Those that `mover` takes away from the addresses by which the other fault knows them. */
const movedFrom = (mover: Concerned, { otherSide }: Concerned): readonly string[] =>
  mover.kind === 'replace' ? shared(mover.broken, otherSide) : []

/** Why `next` cannot be injected on a node while `held` is in effect there; null when it can. */
export const whyNot = (held: FaultKind, next: FaultKind): string | null => {
  // A drained node may have anything: that is what draining is for.
  if (held === 'drain') return next === 'drain' ? 'it is drained already' : null
  if (held === next) return 'it is in effect already'
  if (NETWORK.has(held) && NETWORK.has(next)) return 'a network namespace holds one rule of ours at a time'
  if ((NETWORK.has(held) && next === 'certificate') || (held === 'certificate' && NETWORK.has(next)))
    return 'whether the one or the other keeps it from DP Manager could not be told'
  if (held === 'certificate' && endsProcesses(next)) return 'a node that starts again has its own certificate again'
  if (NETWORK.has(held) && endsProcesses(next))
    return 'its packet rule ends with the network namespace of the processes that are ended'
  if (CUTS_OFF.has(held) && next === 'switchover') return 'nobody reaches it to ask it to hand over'
  if (CUTS_OFF.has(held) && next === 'reload') return 'nobody reaches it to see which of its workers answers'
  // Whoever stands in for a node has its name, and by that name balancers drain it.
  if (standsIn(held) && next === 'drain') return null
  if (standsIn(held)) return 'what runs under its name is another one, and not what is listed'
  if (endsProcesses(held)) return 'there is nothing left to break: its processes are ended'
  if (held === 'pause') return 'nothing can be seen of a node whose processes stand still'
  if ((RESOURCES.has(held) || held === 'certificate') && next === 'pause')
    return 'nobody can look into a node whose processes stand still'
  if (RESOURCES.has(held) && endsProcesses(next))
    return 'whether the one or the other ended its processes could not be told'
  return null
}
