// Full outages of a lane: times in which nobody was answered, with the bounds that contain the truth.
//
//        last answer            first call hit        last call hit      first answer
//  ───────────●─────────────────────○ · · · · · · · · · · · ○ ──────────────●────────
//          [  onset is in here        ]                [  recovery is in here ]
//               │◄──────────────────────── point ────────────────────────────►│
//
// The gap between the two answers decides whether it is an outage; its length is told from the middle of each of the two.
import { sayMs } from '../time/duration.ts'
import type { Doubt, Outage, Window } from './analysis.ts'
import { type Baseline, floorAt } from './baseline.ts'
import {
  ANSWERED,
  type Calls,
  endedAt,
  endOf,
  everyMsAt,
  firstAt,
  isLost,
  responseMs,
  SHED,
  scheduled,
  sentAt,
  UNANSWERED,
  wasSent,
} from './calls.ts'
import { certainTimes, eachGap } from './gaps.ts'
import { likelyMs } from './likely-length.ts'
import { atMostWaitedMs, byTheMachine, CERTAIN_MS, type Machine, RESOLUTION_MS, wasQuiet } from './machine.ts'
import { countFrom, isServedElsewhere, troubleBeside, waitsOf } from './served-elsewhere.ts'
import { coveredMs, lowerBound } from './windows.ts'

/** Runs of slow or lost calls that chance alone would make less often than this in a run are not chance. */
const CHANCE = 0.001

/** Callers may have no full outage at all: of theirs a time is too long for chance only when so many calls fell into it. */
const CERTAIN_CALLS = 25

/** How many calls on either side of a gap say what is usual around it: the nearest alone, where trouble began a moment ago. */
const NEIGHBOURS = [20, 100]

/** Nothing that only waited for an outage's end is answered so long after it: its packets were dropped, and sent again. */
const DROPPED_MS = 100

/** The generator writes down no standstill of its own below this: so long an answer may have lain unread. */
const UNREAD_MS = 3

/** Whoever was stalled may have been well again while it still worked off the calls that were given up meanwhile: at most so long each. */
const WORK_OFF_MS = 0.25

/** So many calls that were out together and not answered, while the machine was quiet, are no noise of the machine's. */
const WITNESSES = 8

/** A lane, its answers in order, and what to hold them against. */
export interface Examined {
  readonly calls: Calls
  readonly times: Float64Array
  readonly baseline: Baseline
  readonly machine: Machine
  /** The other lanes of the same callers. */
  readonly others: readonly Calls[]
}

/** Full outages, without the nodes they join to; doubts about those that may be the machine's; every gap that was weighed. */
export interface FullOutages {
  readonly outages: readonly Omit<Outage, 'nodes'>[]
  readonly doubts: readonly Doubt[]
  /** Gaps that so many lost or slow calls make by chance: no outages, and callers were answered by nobody in them all the same. */
  readonly byChance: readonly Window[]
  readonly gaps: readonly Window[]
}

/** Finds them. Pure arithmetic over the gaps: measurement.md §7. */
export const fullOutages = (lane: Examined): FullOutages => {
  const outages: Omit<Outage, 'nodes'>[] = []
  const doubts: Doubt[] = []
  const gaps: Window[] = []
  const byChance: Window[] = []
  const certain = certainTimes(lane.calls, lane.times)
  eachGap(lane.times, lane.baseline.usualFloorMs, (from, to) => {
    const hit = callsHit(lane, from, to)
    if (to - from < hit.floorMs || hit.lost + hit.late === 0) return
    gaps.push([from, to])
    const outage = outageOf(lane, { from, to, atMost: around(certain, from, to) }, hit)
    const gap = { from, to, lengthMs: to - from - outage.ownStallMs, isStall: outage.nature === 'stall' }
    const isHidden = mayHide(lane, gap, hit)
    if (gap.lengthMs < hit.floorMs) {
      if (isHidden) doubts.push(doubtOf(lane, gap, unknownFor(byManyStalls(outage.ownStallMs))))
      return
    }
    const isWitnessed = hit.waiting >= WITNESSES && wasQuiet(lane.machine, [from, to])
    if (isChance(lane, { ...gap, isWitnessed }, hit)) {
      byChance.push([from, to])
      return
    }
    if (gap.isStall && isOneNodes(lane, gap, hit)) return
    const isCertain = !gap.isStall && outage.length.min >= Math.max(CERTAIN_MS, hit.floorMs)
    const why = isCertain ? null : byTheMachine(lane.machine, gap)
    if (why !== null) {
      if (gap.lengthMs > RESOLUTION_MS || isHidden) doubts.push(doubtOf(lane, gap, unknownFor(why)))
      return
    }
    if (!gap.isStall) {
      outages.push(outage)
      return
    }
    const weighed = stallWeighed(lane, { ...gap, outage, isWitnessed }, hit)
    outages.push(...weighed.outages)
    doubts.push(...weighed.doubts)
  })
  return { outages, doubts, byChance, gaps }
}

/** A stall that nothing explains: nobody was answered, and no call was lost. */
interface Stall {
  readonly from: number
  readonly to: number
  readonly lengthMs: number
  readonly outage: Omit<Outage, 'nodes'>
  readonly isWitnessed: boolean
}

/** It leaves no lost call as a witness, so it counts only when the part that is certain is above the floor, or many waited. */
const stallWeighed = (
  lane: Examined,
  { outage, isWitnessed, ...gap }: Stall,
  { floorMs }: Hit,
): Pick<FullOutages, 'outages' | 'doubts'> => {
  const waitedMs = gap.lengthMs < CERTAIN_MS ? atMostWaitedMs(lane.machine, [gap.from, gap.to]) : 0
  const min = Math.max(0, outage.length.min - waitedMs)
  if (isWitnessed || min >= floorMs) return { outages: [{ ...outage, length: { ...outage.length, min } }], doubts: [] }
  if (gap.lengthMs <= RESOLUTION_MS || !isOfCallers(lane)) return { outages: [], doubts: [] }
  const isMachines = outage.length.min >= floorMs
  const waited = `somebody may have waited for a processor for ${sayMs(waitedMs)} of that`
  return {
    outages: [],
    doubts: [
      isMachines ? doubtOf(lane, gap, unknownFor(waited)) : { ...doubtOf(lane, gap, BY_NOBODY), about: 'stall' },
    ],
  }
}

const isOfCallers = ({ calls }: Examined): boolean => calls.lane.header.purpose === 'callers'

/** Whether several stalls of the generator, each too short to matter, may cover one of the deployment's: a call was not answered between them. */
const mayHide = (lane: Examined, { from, to }: { readonly from: number; readonly to: number }, hit: Hit): boolean =>
  isOfCallers(lane) &&
  hit.waitedMs > RESOLUTION_MS &&
  lane.machine.ownStalls.filter((stall) => coveredMs([stall], from, to) > 0).length > 1

/** What became of the calls that were to be answered within a gap. */
interface Hit {
  readonly lost: number
  readonly late: number
  readonly shed: number
  /** Of those lost: sent, and given up at their deadline. */
  readonly givenUp: number
  /** Sent in the gap, and not answered in it. */
  readonly waiting: number
  /** The longest that any of those that were lost or late was under way within the gap. */
  readonly waitedMs: number
  /** Indices [first, last) of the calls scheduled in the gap. */
  readonly first: number
  readonly last: number
  /** The shortest outage that can be told at the rate of these calls. */
  readonly floorMs: number
  /** The time that the calls hit stand for. */
  readonly missingMs: number
  /** When the first call that the outage hit was sent, and the last. */
  readonly firstSentAt: number
  readonly lastSentAt: number
  /** When the last call was sent that did not only wait for the outage's end: it failed at once, or was lost on its way. */
  readonly lastFailedSentAt: number
}

const callsHit = ({ calls, baseline }: Examined, from: number, to: number): Hit => {
  let first = firstAt(calls, from - baseline.p50Ms)
  // Due while the generator slept, and sent when it woke: it is in the gap that they were hit.
  while (first > 0 && sentAt(calls, first - 1) >= from) first -= 1
  const last = firstAt(calls, to)
  let [lost, late, shed, waiting, givenUp, missingMs, waitedMs] = [0, 0, 0, 0, 0, 0, 0, 0]
  let [firstSentAt, lastSentAt, lastFailedSentAt] = [Infinity, -Infinity, -Infinity]
  for (let i = first; i < last; i += 1) {
    const end = endOfHit({ calls, baseline }, i, to)
    if (end === 'shed') {
      shed += 1
      missingMs += everyMsAt(calls, i)
    }
    if (end === 'shed' || !wasSent(calls.code[i])) continue
    if (sentAt(calls, i) >= from && endedAt(calls, i) >= to) waiting += 1
    const hasFailed = isLost(calls.code[i]) && calls.code[i] !== UNANSWERED
    if (hasFailed || endedAt(calls, i) > to + DROPPED_MS)
      lastFailedSentAt = Math.max(lastFailedSentAt, Math.min(to, sentAt(calls, i)))
    if (end === null) continue
    if (end === 'lost') lost += 1
    else late += 1
    if (calls.code[i] === UNANSWERED) givenUp += 1
    missingMs += everyMsAt(calls, i)
    waitedMs = Math.max(waitedMs, Math.min(to, endedAt(calls, i)) - Math.max(from, sentAt(calls, i)))
    firstSentAt = Math.min(firstSentAt, sentAt(calls, i))
    lastSentAt = Math.max(lastSentAt, Math.min(to, sentAt(calls, i)))
  }
  const floorMs = floorAt(baseline, calls, first, last)
  return {
    lost,
    late,
    shed,
    givenUp,
    waiting,
    waitedMs,
    first,
    last,
    floorMs,
    missingMs,
    firstSentAt,
    lastSentAt,
    lastFailedSentAt,
  }
}

/**
 * What became of a call that was to be answered before a gap ended at `to`: lost; held back by the cap; answered only then, and slow for this
 * lane (late) or slower than hardly any of steady state (slower). null where the gap did not touch it.
 */
const endOfHit = (
  { calls, baseline }: Pick<Examined, 'calls' | 'baseline'>,
  i: number,
  to: number,
): 'lost' | 'shed' | 'late' | 'slower' | null => {
  if (calls.code[i] !== ANSWERED && calls.lane.errorClass[i] === SHED) return 'shed'
  if (isLost(calls.code[i])) return 'lost'
  const tookMs = responseMs(calls, i)
  if (calls.code[i] !== ANSWERED || endedAt(calls, i) < to || tookMs <= baseline.slowMs) return null
  return tookMs > slowest(baseline) ? 'slower' : 'late'
}

/**
 * From the last answer that is certain to the next: a gap that ends at a call that was not sent, or that nobody recorded, may have gone
 * on beyond it.
 */
const around = (certain: Float64Array, from: number, to: number): Window => {
  const before = lowerBound(certain, from)
  return [certain[certain[before] === from ? before : before - 1] ?? from, certain[lowerBound(certain, to)] ?? to]
}

const outageOf = (
  { calls, baseline, machine }: Examined,
  { from, to, atMost }: { readonly from: number; readonly to: number; readonly atMost: Window },
  hit: Hit,
): Omit<Outage, 'nodes'> => {
  const disturbedMs = coveredMs(machine.all, from, to)
  const point = likelyMs({ calls, usualMs: baseline.p50Ms, ownStalls: machine.ownStalls }, [from, to], hit)
  // The last answer left the deployment at most its usual time before it came; the first call hit had arrived by then.
  const onset: Window = [
    leftAtLeast({ calls, baseline, machine }, from),
    Math.min(to, hit.firstSentAt + baseline.p999Ms),
  ]
  // A call that was hit was sent before the recovery, and the first answer came after it.
  const recoveredAtLeast = Math.max(onset[1], hit.lastSentAt)
  return {
    lane: calls.name,
    kind: 'full',
    nature: hit.lost > 0 ? 'hard' : 'stall',
    from,
    to,
    length: {
      point,
      min: Math.max(0, Math.min(point, recoveredAtLeast - onset[1] - disturbedMs) - WORK_OFF_MS * hit.givenUp),
      max: Math.max(point, atMost[1] - leftAtLeast({ calls, baseline, machine }, atMost[0])),
    },
    lost: hit.lost + hit.shed,
    lossDerivedMs: hit.missingMs,
    ownStallMs: coveredMs(machine.ownStalls, from, to),
    ...(calls.lane.header.ramps && { floorMs: hit.floorMs }),
    ...((to === endOf(calls) || from === calls.t0) && { censored: true }),
  }
}

/**
 * The earliest that an answer which came at `at` may have left the deployment: not before its call was sent, and it may have lain unread,
 * for a moment or for as long as the generator slept.
 */
const leftAtLeast = (
  { calls, baseline: { p999Ms }, machine }: Pick<Examined, 'calls' | 'baseline' | 'machine'>,
  at: number,
): number => {
  const unread = machine.ownStalls.find(([from, to]) => from < at && to >= at - p999Ms - UNREAD_MS)?.[0] ?? at
  const earliest = unread - p999Ms - UNREAD_MS
  for (let i = firstAt(calls, at) - 1; i >= 0 && scheduled(calls, i) >= earliest; i -= 1)
    if (calls.code[i] === ANSWERED && endedAt(calls, i) === at) return Math.min(unread - p999Ms, sentAt(calls, i))
  return earliest
}

/**
 * Whether a run of so many slow or lost calls is to be expected by chance. Where one call in three waits 300 ms for a dead
 * node, three in a row do so every 27 calls, and callers are answered all the while: that is no full outage. How many do is told by the
 * lane's own calls around the gap, and by those of other lanes in it: a lane of ten calls a second has hardly any around it. A call that
 * took 40 ms more is no sign of what keeps another from being answered for 200.
 */
const isChance = (
  lane: Examined,
  gap: { readonly from: number; readonly to: number; readonly lengthMs: number; readonly isWitnessed: boolean },
  hit: Hit,
): boolean => {
  const { calls, baseline } = lane
  const everyMs = everyMsAt(calls, hit.first)
  const leastMs = calls.lane.header.purpose === 'callers' ? CERTAIN_CALLS * everyMs : 0
  if (gap.lengthMs >= Math.max(CERTAIN_MS, leastMs)) return false
  const shareFrom = sharesAround(lane, gap, hit)
  // Where many calls are slow and none is ever lost, slow ones explain none that are lost, nor any that are slower than all.
  let [byRare, byLate] = [1, 1]
  for (let i = hit.first; i < hit.last; i += 1) {
    const end = endOfHit(lane, i, gap.to)
    if (end === null) continue
    // All but an interval: of calls that are kept for as long the first is answered as the gap ends.
    const restMs = gap.to - sentAt(calls, i) - everyMs
    const rare = shareFrom(Math.max(slowest(baseline), restMs))
    if (end !== 'late') byRare *= rare
    byLate *= end === 'lost' || end === 'shed' ? rare : shareFrom(Math.max(baseline.slowMs, restMs))
  }
  return calls.count * Math.min(byRare, byLate) > CHANCE
}

/** What share of the calls around a gap, and of other lanes' in it, were lost or took so many ms: the largest that any of them tells. */
const sharesAround = (
  { calls, baseline, others }: Examined,
  gap: { readonly from: number; readonly to: number; readonly isWitnessed: boolean },
  { first, last, floorMs }: Hit,
): ((ms: number) => number) => {
  // Half a call more: nobody in a hundred does not mean nobody ever. Of many that waited together it is known that they were not a few.
  const more = gap.isWitnessed ? 0 : 0.5
  const neighbours = NEIGHBOURS.flatMap((many) => [
    waitsOf([[calls, Math.max(0, first - many), first]]),
    waitsOf([[calls, last, Math.min(calls.count, last + many)]]),
  ])
  const beside = troubleBeside(others, [gap.from, gap.to], {
    floorMs: Math.min(floorMs, RESOLUTION_MS),
    slowMs: slowest(baseline),
  })
  return (ms) => {
    const shares = neighbours.map((waits) => Math.min(1, (countFrom(waits, ms) + more) / (waits.length + 1)))
    return Math.max(...shares, beside(ms))
  }
}

/** Hardly any call took longer than this in steady state. */
const slowest = ({ p999Ms }: Pick<Baseline, 'p999Ms'>): number => p999Ms + 1

/** Whether it is the pause of a node that the lane's calls met by chance, and not the deployment's. */
const isOneNodes = (
  { calls, others }: Examined,
  { from, to, lengthMs }: { readonly from: number; readonly to: number; readonly lengthMs: number },
  { first, last, late, floorMs }: Hit,
): boolean =>
  lengthMs < CERTAIN_MS &&
  isServedElsewhere(calls, others, { window: [from, to], first, last, waited: late }, { floorMs, chance: CHANCE })

const byManyStalls = (ownStallMs: number): string =>
  `the generator stood still again and again, for ${sayMs(ownStallMs)} of that`

const unknownFor = (why: string): string =>
  `but ${why}: it was the machine, and what the deployment did meanwhile is unknown`

const BY_NOBODY =
  'and nobody can tell whether it was the deployment: answers as slow are usual here, and the control lane was slow nearby'

const doubtOf = (
  lane: Examined,
  { from, to }: { readonly from: number; readonly to: number },
  because: string,
): Doubt => ({
  about: 'control lane',
  because: `Lane ${lane.calls.name} was not answered for ${sayMs(to - from)} at ${sayMs(from)}, ${because}.`,
  window: [from, to],
  lane: lane.calls.name,
})
