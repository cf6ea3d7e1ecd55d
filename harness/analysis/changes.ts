// Changes of configuration: when each was asked for, acknowledged, and seen at every gateway.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import type { ChangeAnalysis, Window } from './analysis.ts'

/** Every change of a history, in the order they were asked for. */
export const changesOf = (events: readonly Event[]): readonly ChangeAnalysis[] => {
  const byId = Map.groupBy(eventsOf(events, 'change'), (event) => event.id)
  const changes = [...byId.values()].flatMap((stages) => changeOf(stages)).sort((a, b) => a.sentAt - b.sentAt)
  return changes.map((change) => {
    const missed = missedAt(change, changes, events)
    const wavered = missed.filter((node) => wavers(change, node, events))
    return { ...change, missedAt: missed, ...(wavered.length > 0 && { byTurnsAt: wavered }) }
  })
}

const wavers = ({ id }: ChangeAnalysis, node: string, events: readonly Event[]): boolean =>
  eventsOf(events, 'observation').some(({ change, byTurns }) => change === id && byTurns?.includes(node))

/** A stretch in which changes were asked for and none was accepted. */
export interface WriteOutage {
  readonly from: number
  readonly to: number
  readonly lengthMs: number
  /** The run ended before one was. */
  readonly censored: boolean
}

/** From asking for each change, or from `begin` where it was under way then, to the next acceptance of any, the longest first; none when nobody asked. */
export const writeOutagesOf = (
  changes: readonly Pick<ChangeAnalysis, 'sentAt' | 'acceptedAt' | 'endedAt'>[],
  [begin, end]: Window,
): readonly WriteOutage[] => {
  const asked = changes.filter(({ sentAt, endedAt }) => sentAt >= begin || (endedAt ?? -Infinity) > begin)
  const accepted = asked.flatMap((change) => change.acceptedAt ?? []).sort((a, b) => a - b)
  const outages = asked.map(({ sentAt }): WriteOutage => {
    const from = Math.max(sentAt, begin)
    const next = accepted.find((at) => at >= from)
    const to = next ?? Math.max(end, from)
    return { from, to, lengthMs: to - from, censored: next === undefined }
  })
  return outages.sort((a, b) => b.lengthMs - a.lengthMs)
}

const changeOf = (stages: readonly EventOf<'change'>[]): readonly ChangeAnalysis[] => {
  const [first] = stages
  if (!first) return []
  const stage = (name: EventOf<'change'>['stage']): EventOf<'change'> | undefined =>
    stages.find((event) => event.stage === name)
  const seenAt: Record<string, number> = {}
  for (const { stage: what, node, at } of stages)
    if (what === 'seen' && node !== undefined) seenAt[node] = Math.min(at, seenAt[node] ?? Infinity)
  const { id, by, what } = first
  return [
    {
      id,
      by,
      what,
      sentAt: stage('sent')?.at ?? first.at,
      acceptedAt: stage('accepted')?.at ?? null,
      endedAt: (stage('accepted') ?? stage('refused') ?? stage('unknown'))?.at ?? null,
      refused: !!stage('refused'),
      unknown: !!stage('unknown'),
      seenAt,
    },
  ]
}

/** Nodes at which somebody waited for this change in vain, or found that it was gone again. */
const missedAt = (
  change: ChangeAnalysis,
  changes: readonly ChangeAnalysis[],
  events: readonly Event[],
): readonly string[] => {
  const missed = waitsFor(change, changes, events).flatMap((wait) => wait.nodes)
  const gone = eventsOf(events, 'observation').filter(
    (event) => event.observed === 'remains' && event.outcome === 'ran-out' && event.change === change.id,
  )
  const neverSeen = missed.filter((node) => change.seenAt[node] === undefined)
  return [...new Set([...neverSeen, ...gone.flatMap((event) => event.nodes)])]
}

/** The observations that waited for this change and ran out. One that names no change is of the last one accepted before it. */
export const waitsFor = (
  change: ChangeAnalysis,
  changes: readonly ChangeAnalysis[],
  events: readonly Event[],
): readonly EventOf<'observation'>[] =>
  eventsOf(events, 'observation').filter((event) => {
    if (event.observed !== 'reaches' || event.outcome !== 'ran-out') return false
    if (event.change !== undefined) return event.change === change.id
    const from = event.at - event.waitedMs
    // 50 ms: the acknowledgement is on record just before somebody begins to wait.
    return changes.findLast(({ acceptedAt }) => acceptedAt !== null && acceptedAt <= from + 50)?.id === change.id
  })
