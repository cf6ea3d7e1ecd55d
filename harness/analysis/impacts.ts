// When a fault struck a node: once as a rule, again and again where it flaps, and not all of several targets at the same instant.
import { type Event, endsProcesses, eventsOf } from '../history/event.ts'
import type { FaultAnalysis, Window } from './analysis.ts'

/** The engine writes a kill down once it has sent the signal: the process may be gone a moment before. */
const STAMPED_AFTER_MS = 50

/**
 * The windows in which the fault took this node's calls from under it. The first is that of its attestation, which bounds the last of
 * several targets: any of them may have been struck from the intent on. The others are the engine's: a kill that it sent, to the end
 * that came of it. A node that ends by itself meanwhile was not struck by us.
 */
export const impactsOn = (fault: FaultAnalysis, node: string, events: readonly Event[]): readonly Window[] => {
  const { inEffectAt, inEffectBounds, intendedAt, targets } = fault
  if (inEffectAt === null) return []
  const [from, to] = inEffectBounds ?? [inEffectAt, inEffectAt]
  return [[targets.length > 1 ? Math.min(from, intendedAt) : from, to], ...killsOf(fault, node, events)]
}

/** The engine hears of a process's end when it has cleared up after it: later than this is its own slowness. */
const LETS_GO_MS = 500

/**
 * Until when the end of this node's process may cut a call: its port refuses first, its open connections end as the process is taken
 * apart, and the engine hears of it last. Not before it was attested to be in effect; null where that never was.
 */
export const letsGoUntil = (fault: FaultAnalysis, node: string, events: readonly Event[]): number | null => {
  const refused = fault.inEffectBounds?.[1] ?? fault.inEffectAt
  if (refused === null || !endsProcesses(fault.kind)) return refused
  const died = eventsOf(events, 'engine').find(
    (event) => event.node === node && event.action === 'die' && event.at >= fault.intendedAt,
  )
  return Math.max(refused, Math.min(died?.at ?? refused, refused + LETS_GO_MS))
}

const killsOf = (
  { id, kind, intendedAt }: FaultAnalysis,
  node: string,
  events: readonly Event[],
): readonly Window[] => {
  if (kind !== 'flap') return []
  // Its witnesses may have seen one of several nodes up, and called it clear, before the last was left alone.
  const healedAt = eventsOf(events, 'fault').find((event) => event.id === id && event.stage === 'healed')?.at
  const told = eventsOf(events, 'engine').filter(
    (event) => event.node === node && event.at >= intendedAt && event.at <= (healedAt ?? Infinity),
  )
  return told.flatMap((event, i): readonly Window[] => {
    const died = told.slice(i).find(({ action, container }) => action === 'die' && container === event.container)
    const isKill = event.action === 'kill' && event.signal === '9'
    return isKill && died ? [[event.at - STAMPED_AFTER_MS, died.at]] : []
  })
}
