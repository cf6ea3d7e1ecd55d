// When a fault struck a node: once as a rule, again and again where it flaps, and not all of several targets at the same instant.
import { type Event, eventsOf } from '../history/event.ts'
import type { FaultAnalysis, Window } from './analysis.ts'

/** The engine writes a kill down once it has sent the signal: the process may be gone a moment before. */
const STAMPED_AFTER_MS = 50

/**
 * The windows in which the fault took this node's calls from under it. The first is that of its attestation, which bounds the last of
 * several targets: any of them may have been struck from the intent on. The others are the engine's: a kill that it sent, to the end
 * that came of it. A node that ends by itself meanwhile was not struck by us.
 */
export const blowsOn = (fault: FaultAnalysis, node: string, events: readonly Event[]): readonly Window[] => {
  const { inEffectAt, inEffectBounds, intendedAt, targets } = fault
  if (inEffectAt === null) return []
  const [from, to] = inEffectBounds ?? [inEffectAt, inEffectAt]
  return [[targets.length > 1 ? Math.min(from, intendedAt) : from, to], ...killsOf(fault, node, events)]
}

const killsOf = (
  { kind, intendedAt, healedAt }: FaultAnalysis,
  node: string,
  events: readonly Event[],
): readonly Window[] => {
  if (kind !== 'flap') return []
  const told = eventsOf(events, 'engine').filter(
    (event) => event.node === node && event.at >= intendedAt && event.at <= (healedAt ?? Infinity),
  )
  return told.flatMap((event, i): readonly Window[] => {
    const died = told.slice(i).find(({ action, container }) => action === 'die' && container === event.container)
    const isKill = event.action === 'kill' && event.signal === '9'
    return isKill && died ? [[event.at - STAMPED_AFTER_MS, died.at]] : []
  })
}
