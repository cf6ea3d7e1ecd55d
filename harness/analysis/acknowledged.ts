// Whether what gateways showed can come of the writes that were asked for: nothing acknowledged lost, back again, or shown too late.
//
// A writer asks for one write after another; each sets a key to a value of its own, or deletes it. A write that was not answered
// may be carried out at any time from then on, once, or never. A gateway shows each key at one value at a time, and goes forward.
import { undecidedAt } from './undecided.ts'
import {
  BEFORE,
  deleteAfter,
  mayBeDeletedBy,
  replacedAt,
  sentBefore,
  type WrittenKey,
  writtenKey,
} from './written-key.ts'

/** A write as its writer knows it. Times in ms on one clock. */
export interface Write {
  readonly id: string
  readonly key: string
  /** Of this write alone; null: the key is deleted. */
  readonly value: string | null
  readonly sentAt: number
  /** When it was answered; null where it was not. */
  readonly endedAt: number | null
  /** unknown: no answer, or one that may have come after it was done. */
  readonly outcome: 'accepted' | 'refused' | 'unknown'
}

/** A stretch in which a gateway showed a key at one value; null: it has no such key. */
export interface Sight {
  readonly node: string
  readonly key: string
  readonly value: string | null
  /** The first look that saw it, and the last one of this stretch. */
  readonly from: number
  readonly to: number
}

/**
 * lost: accepted, and gone though nothing took its place, or not shown in the end though it was due. resurrected: shown again after what replaced it. applied-twice: the same of
 * a write that nobody answered. stale: shown for too long after another was accepted. vanished: shown, never acknowledged, and gone,
 * as a failover may do. never-written: nobody asked for it. disagreement: in the end gateways show different values. unsettled: accepted,
 * not shown in the end, and nobody can say yet that it will not be: no loss, and no proof that there is none; the same of one that nobody answered, where gateways differ about it.
 */
export type AnomalyKind =
  | 'lost'
  | 'resurrected'
  | 'applied-twice'
  | 'stale'
  | 'vanished'
  | 'never-written'
  | 'disagreement'
  | 'unsettled'

export interface Anomaly {
  readonly kind: AnomalyKind
  readonly key: string
  readonly nodes: readonly string[]
  /** The write that it is about; absent where there is none. */
  readonly write?: string
  /** They all showed what was written after it. */
  readonly hadLater?: true
  /** It is the control plane's own store that does not have it, whatever gateways still show. */
  readonly inStore?: true
  readonly at: number
}

interface Limits {
  /** How long a gateway may show a value after a younger one was accepted, ms. */
  readonly staleMs: number
  /** Until when gateways were looked at. */
  readonly end: number
  /** Those among them that were looked at to the end, and called until then. */
  readonly lookedAtLast: ReadonlySet<string>
  /** What the store has then by its own word, by key; nothing of a key of which it did not say. */
  readonly kept: Readonly<Record<string, string | null>>
}

/** Everything that cannot be, key by key. Where what was shown can be read in several ways, the kindest counts. */
export const anomaliesOf = (writes: readonly Write[], sights: readonly Sight[], limits: Limits): readonly Anomaly[] => {
  const writesOf = Map.groupBy(writes, ({ key }) => key)
  const shownUpTo = newestShown(writes, sights)
  return [...Map.groupBy(sights, ({ key }) => key)].flatMap(([name, shown]) => {
    const key = writtenKey(name, writesOf.get(name) ?? [], shown)
    const nodes = [...Map.groupBy(shown, ({ node }) => node).values()].map(merged)
    const last = inTheEnd(key, nodes, { ...limits, shownUpTo })
    const isLost = last.some((each) => each.kind === 'lost' && each.nodes.length === nodes.length)
    // What is lost everywhere is not told once more as shown for too long.
    const late = nodes.flatMap((each) => stale(key, isLost ? each.slice(0, -1) : each, limits))
    return [...nodes.flatMap((each) => notForward(key, each)), ...late, ...last]
  })
}

/** One gateway's, in order: what it showed before nobody looked for a while, and after, it showed all the time. */
const merged = (sights: readonly Sight[]): readonly Sight[] => {
  const all: Sight[] = []
  for (const sight of sights.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last?.value === sight.value) all[all.length - 1] = { ...last, to: sight.to }
    else all.push(sight)
  }
  return all
}

/** What one gateway showed that nobody wrote, or that was replaced before. */
const notForward = (key: WrittenKey, sights: readonly Sight[]): readonly Anomaly[] => {
  const found: Anomaly[] = []
  const past: Past = {
    shown: new Set(),
    newest: BEFORE,
    unknown: null,
    last: BEFORE,
    deletedBy: null,
    undone: 0,
    gone: null,
  }
  for (const sight of sights) {
    const told = sight.value === null ? absent(key, sight, past) : present(key, sight, past)
    if (told) found.push({ ...told, key: key.key, nodes: [sight.node], at: sight.from })
  }
  return found
}

/** What a gateway has shown so far. */
interface Past {
  readonly shown: Set<Write>
  /** Of the accepted ones, the last that was carried out before what was shown. */
  newest: Write
  /** Of those that nobody answered. */
  unknown: Write | null
  last: Write
  /** It was there, and is not: by a delete that nobody answered. */
  deletedBy: Write | null
  /** So many of those deletes, in the order they were sent, are over: what the last of them deleted was shown again. */
  undone: number
  /** It was there, and went though nobody deleted it: when it is back, that is no news. */
  gone: Write | null
}

type Told = Pick<Anomaly, 'kind' | 'write'> | null

const absent = (key: WrittenKey, { from }: Sight, past: Past): Told => {
  const { last, newest } = past
  past.last = BEFORE
  if (last === BEFORE) return null
  const mayVanish = last.outcome === 'unknown' && newest.value === null
  const since = later(last, newest)
  const accepted = deleteAfter(key, since, from)
  // An accepted delete that was sent when it was over is the reason, unless one that nobody answered was sent before that, however long ago.
  const isSure = accepted !== null && key.endOf(last) <= accepted.sentAt
  past.deletedBy = unansweredDelete(key, past.undone, isSure ? [-Infinity, accepted.sentAt] : [-Infinity, from])
  if (past.deletedBy) return null
  if (accepted) {
    // What may vanish may have done so before that delete.
    if (!mayVanish) past.newest = accepted
    return null
  }
  past.gone = last
  return { kind: mayVanish ? 'vanished' : 'lost', write: last.id }
}

/** The first of those that are not over which was sent in between. */
const unansweredDelete = (
  { deletes: { unanswered } }: WrittenKey,
  undone: number,
  [from, to]: readonly [number, number],
): Write | null => {
  const first = unanswered[Math.max(undone, sentBefore(unanswered, from))]
  return first && first.sentAt < to ? first : null
}

const later = (a: Write, b: Write): Write => (a.sentAt > b.sentAt ? a : b)

const present = (key: WrittenKey, { value, from }: Sight, past: Past): Told => {
  const write = key.byValue.get(value ?? '')
  if (!write || write.sentAt > from) return { kind: 'never-written' }
  const told = write === past.gone || write === past.last ? null : comesBack(key, write, past)
  past.shown.add(write)
  past.last = write
  past.gone = null
  past.deletedBy = null
  // Who writes waits for each answer: what was accepted before it was asked for is older.
  past.newest = later(key.accepted[sentBefore(key.accepted, write.sentAt) - 1] ?? BEFORE, past.newest)
  if (write.outcome === 'unknown') past.unknown = write
  else past.newest = later(write, past.newest)
  return told
}

const comesBack = (key: WrittenKey, write: Write, past: Past): Told => {
  const { shown, newest, unknown, last, deletedBy } = past
  const back = { kind: write.outcome === 'unknown' ? 'applied-twice' : 'resurrected', write: write.id } as const
  const end = key.endOf(write)
  if (end <= newest.sentAt) return back
  if (!shown.has(write))
    return unknown !== null && end <= unknown.sentAt ? { kind: 'vanished', write: unknown.id } : null
  if (last.outcome === 'unknown') return { kind: 'vanished', write: last.id }
  if (deletedBy) {
    past.undone = sentBefore(key.deletes.unanswered, deletedBy.sentAt) + 1
    return { kind: 'vanished', write: deletedBy.id }
  }
  // After something that came back, what belongs there is shown again.
  return write === newest ? null : back
}

/** At one gateway: what was shown for longer than it may be after something younger was accepted. */
const stale = (key: WrittenKey, sights: readonly Sight[], { staleMs }: Limits): readonly Anomaly[] =>
  sights.flatMap((sight, i): readonly Anomaly[] => {
    const shown = { ...sight, unseenFrom: sights[i - 1]?.to ?? -Infinity }
    const at = sight.value === null ? absentTooLongAt(key, shown, staleMs) : shownTooLongAt(key, shown, staleMs)
    if (at === null) return []
    const write = sight.value === null ? undefined : key.byValue.get(sight.value)?.id
    return [{ kind: 'stale', key: key.key, nodes: [sight.node], at, ...(write !== undefined && { write }) }]
  })

/** A sight may begin long after a gateway should have shown something else: nobody looked at it while it was out. */
interface Shown extends Sight {
  /** The last look at what it showed before; -Infinity where this is the first. */
  readonly unseenFrom: number
}

/** When it is seen to be late: as it is due, or at the first look after that, where that was while nobody looked. */
const seenLateAt = ({ from, unseenFrom }: Shown, due: number): number => (due > unseenFrom ? Math.max(due, from) : due)

const shownTooLongAt = (key: WrittenKey, shown: Shown, staleMs: number): number | null => {
  const { value, from, to } = shown
  const write = key.byValue.get(value ?? '')
  const since = write ? replacedAt(key, write) : null
  if (since === null) return null
  const at = seenLateAt(shown, since + staleMs)
  // One that was due while something younger was seen went backwards, and is told so.
  return from <= at && at < to ? at : null
}

const absentTooLongAt = (key: WrittenKey, shown: Shown, staleMs: number): number | null => {
  const { accepted } = key
  const { from, to, unseenFrom } = shown
  const begin = Math.max(0, sentBefore(accepted, Math.min(from, unseenFrom) - staleMs) - 1)
  for (let i = begin; i < accepted.length; i += 1) {
    const write = accepted[i]
    const at = seenLateAt(shown, (write?.endedAt ?? Infinity) + staleMs)
    if (at >= to) return null
    if (write && write.value !== null && at >= from && !mayBeDeletedBy(key, write, at)) return at
  }
  return null
}

/**
 * What the store has lost by its own word: a value that an accepted write replaced, or nothing where one was set. `kept` is what it has when
 * nobody writes any more, by key; a gateway may show what is lost until it reads everything anew. What nobody answered was over when one showed it.
 */
export const lostInStore = (
  writes: readonly Write[],
  sights: readonly Sight[],
  kept: Readonly<Record<string, string | null>>,
  at: number,
): readonly Anomaly[] => {
  const sightsOf = Map.groupBy(sights, ({ key }) => key)
  return [...Map.groupBy(writes, ({ key }) => key)].flatMap(([name, ofKey]): readonly Anomaly[] => {
    const value = kept[name]
    const key = writtenKey(name, ofKey, sightsOf.get(name) ?? [])
    const last = key.accepted.at(-1)
    if (value === undefined || !last || (last.endedAt ?? Infinity) > at) return []
    const write = value === null ? null : key.byValue.get(value)
    const isLost = write ? replacedAt(key, write) !== null : last.value !== null && !mayBeDeletedBy(key, last, at)
    return isLost ? [{ kind: 'lost', key: name, nodes: [], write: last.id, inStore: true, at }] : []
  })
}

/** When the newest write was sent that each gateway showed, whatever its key. */
const newestShown = (writes: readonly Write[], sights: readonly Sight[]): ReadonlyMap<string, number> => {
  const sentAt = new Map(
    writes.flatMap((write) => (write.value === null ? [] : [[write.value, write.sentAt] as const])),
  )
  const newest = new Map<string, number>()
  for (const { node, value } of sights)
    if (value !== null) newest.set(node, Math.max(newest.get(node) ?? -Infinity, sentAt.get(value) ?? -Infinity))
  return newest
}

/**
 * What gateways show when nobody has written for long enough, each by itself; or when all of them have shown what was written later, under whatever
 * key: a gateway takes changes in their order, so what they have not taken by then they were never given.
 */
const inTheEnd = (
  key: WrittenKey,
  nodes: readonly (readonly Sight[])[],
  { staleMs, end, lookedAtLast, kept, shownUpTo }: Limits & { readonly shownUpTo: ReadonlyMap<string, number> },
): readonly Anomaly[] => {
  const finals = nodes.flatMap((each) => each.at(-1) ?? []).filter(({ to }) => to >= end - staleMs)
  const last = key.accepted.at(-1) ?? BEFORE
  if (finals.length === 0) return []
  const isBehind = ({ value }: Sight): boolean => {
    const write = value === null ? null : key.byValue.get(value)
    if (write) return replacedAt(key, write) !== null
    return last.value !== null && !mayBeDeletedBy(key, last, end)
  }
  const told = { key: key.key, nodes: finals.map(({ node }) => node), at: end }
  const endedAt = last.endedAt ?? Infinity
  // Each is held to what was due while it was still looked at.
  const wasDue = ({ to }: Sight): boolean => endedAt + staleMs <= to
  const areAllPast = finals.every(({ node }) => (shownUpTo.get(node) ?? -Infinity) > endedAt)
  if (finals.every(isBehind) && (areAllPast || finals.every(wasDue)))
    return [{ ...told, kind: 'lost', write: last.id, ...(areAllPast && { hadLater: true }) }]
  const behind = finals.filter(isBehind)
  const never = behind.filter(wasDue).map(({ node }) => node)
  if (never.length > 0) return [{ ...told, kind: 'lost', nodes: never, write: last.id }]
  if (behind.length > 0) return [{ ...told, kind: 'unsettled', nodes: behind.map(({ node }) => node), write: last.id }]
  const agreed = finals.filter((each) => wasDue(each) && key.lastSentAt + staleMs <= each.to)
  if (new Set(agreed.map(({ value }) => value)).size > 1)
    return [{ ...told, kind: 'disagreement', nodes: agreed.map(({ node }) => node) }]
  const inLastLooks = finals.filter(({ node }) => lookedAtLast.has(node))
  const undecided = undecidedAt(key, inLastLooks, kept[key.key])
  return undecided ? [{ ...told, kind: 'unsettled', ...undecided }] : []
}
