// The stream of changes: what was written, what each gateway in rotation showed of it, and what of that cannot be.
import { type Event, type EventOf, eventsOf, isTrusted } from '../history/event.ts'
import { type Anomaly, anomaliesOf, lostInStore, type Sight, type Write } from './acknowledged.ts'
import type { RotationSpan, StreamAnalysis, Window } from './analysis.ts'
import { merged } from './windows.ts'

/** Every gateway is looked at once more as the stream ends: one look, a second long at most, after another that may be under way, and some room. */
const LAST_LOOKS_MS = 3000

/** A stream's analysis; null where nobody wrote one. `staleMs`: how long a gateway may show what was replaced. */
export const streamOf = (
  events: readonly Event[],
  rotation: readonly RotationSpan[],
  staleMs: number,
): StreamAnalysis | null => {
  const told = eventsOf(events, 'write')
  const ended = new Map(told.flatMap(({ id, stage, at }) => (stage === 'sent' ? [] : [[id, at]])))
  const writes = writesOf(told)
  if (writes.length === 0) return null
  const views = eventsOf(events, 'view')
  const end = Math.max(0, ...views.map(({ at }) => at))
  const sights = sightsOf(views, rotation)
  const seenInTheEnd = seenSince(views, end - LAST_LOOKS_MS)
  const lookedAtLast = new Set(sights.filter(({ node, to }) => to === seenInTheEnd.get(node)).map(({ node }) => node))
  const kept = eventsOf(events, 'kept').at(-1)
  const shown = anomaliesOf(writes, sights, { staleMs, end, lookedAtLast, kept: kept?.values ?? {} })
  const lost = kept?.values ? lostInStore(writes, sights, kept.values, kept.at) : []
  const gateways = [...new Set(views.map(({ node }) => node))]
  const isEverywhere = ({ nodes }: Anomaly): boolean => nodes.length === gateways.length
  // What no gateway shows either is told of them; what only some do not show, of the store that has lost it.
  const isTold = ({ write }: Anomaly): boolean =>
    shown.some((each) => isLoss(each) && isEverywhere(each) && each.write === write)
  const isOfTheStore = (each: Anomaly): boolean =>
    each.kind === 'lost' && !isEverywhere(each) && lost.some(({ write }) => write === each.write)
  const count = (outcome: Write['outcome']): number => writes.filter((write) => write.outcome === outcome).length
  return {
    writes: writes.length,
    accepted: count('accepted'),
    refused: count('refused'),
    unknown: count('unknown'),
    asked: writes.map(({ id, sentAt, endedAt, outcome }) => ({
      sentAt,
      acceptedAt: outcome === 'accepted' ? endedAt : null,
      endedAt: ended.get(id) ?? null,
    })),
    gateways,
    unseenAtEnd: gateways.filter((name) => !seenInTheEnd.has(name)),
    isStoreSilent: kept?.values === null,
    anomalies: [
      ...shown.filter((each) => !isOfTheStore(each)).map((each) => ofGateways(each, kept, lost)),
      ...lost.filter((each) => !isTold(each)),
    ],
  }
}

/** What the store has by its own word, gateways were given or should have asked for: that they do not show it is theirs. */
const ofGateways = (
  { hadLater, ...anomaly }: Anomaly,
  kept: EventOf<'kept'> | undefined,
  lost: readonly Anomaly[],
): Anomaly => {
  const isKept = kept?.values?.[anomaly.key] !== undefined && !lost.some(({ write }) => write === anomaly.write)
  return { ...anomaly, ...(hadLater && !isKept && { hadLater }) }
}

/** A write that was sent and has no answer on record is one of which nobody knows. */
const writesOf = (events: readonly EventOf<'write'>[]): readonly Write[] =>
  [...Map.groupBy(events, ({ id }) => id).values()].flatMap((stages): readonly Write[] => {
    const sent = stages.find(({ stage }) => stage === 'sent')
    if (!sent) return []
    const answer = stages.find(({ stage }) => stage === 'accepted' || stage === 'refused')
    const outcome = answer?.stage === 'accepted' ? 'accepted' : answer ? 'refused' : 'unknown'
    return [{ id: sent.id, key: sent.key, value: sent.value, sentAt: sent.at, endedAt: answer?.at ?? null, outcome }]
  })

/** When gateways were seen for the last time: those that were seen at `from` or later. */
const seenSince = (views: readonly EventOf<'view'>[], from: number): ReadonlyMap<string, number> => {
  const lastAt = new Map<string, number>()
  for (const { node, at } of views) if (at >= from) lastAt.set(node, Math.max(at, lastAt.get(node) ?? at))
  return lastAt
}

/** What a gateway shows while callers are not sent to it concerns nobody. */
const sightsOf = (views: readonly EventOf<'view'>[], rotation: readonly RotationSpan[]): readonly Sight[] =>
  [...Map.groupBy(views, ({ node }) => node)].flatMap(([node, ofNode]) => {
    const trusted = trustedOf(node, rotation)
    return stretchesOf(ofNode).flatMap(({ values, from, to }) =>
      within([from, to], trusted).flatMap(([start, end]) =>
        Object.entries(values).map(([key, value]): Sight => ({ node, key, value, from: start, to: end })),
      ),
    )
  })

/** Each view until the last look before the next. */
const stretchesOf = (views: readonly EventOf<'view'>[]) =>
  views
    .toSorted((a, b) => a.at - b.at)
    .map(({ values, at }, i, all) => ({ values, from: at, to: Math.max(at, all[i + 1]?.lastLookAt ?? at) }))

/** null where no balancer holds the node: then it is looked at all the time. */
const trustedOf = (node: string, rotation: readonly RotationSpan[]): readonly Window[] | null => {
  const spans = rotation.filter((span) => span.node === node)
  if (spans.length === 0) return null
  return merged(spans.filter(({ state }) => isTrusted(state)).map(({ from, to }) => [from, to]))
}

const within = ([from, to]: Window, windows: readonly Window[] | null): readonly Window[] => {
  if (windows === null) return [[from, to]]
  return windows
    .map(([start, end]): Window => [Math.max(start, from), Math.min(end, to)])
    .filter(([start, end]) => start <= end)
}

/** What counts as a change that was lost: all but what was shown too long, what nobody was promised, and what may come yet. */
export const isLoss = ({ kind }: Anomaly): boolean => !['stale', 'vanished', 'unsettled'].includes(kind)
