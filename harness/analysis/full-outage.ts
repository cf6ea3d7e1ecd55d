// Full outages of a lane: times in which nobody was answered, with the bounds that contain the truth.
//
//        last answer            first call hit        last call hit      first answer
//  ───────────●─────────────────────○ · · · · · · · · · · · ○ ──────────────●────────
//          [  onset is in here        ]                [  recovery is in here ]
//                         │◄────────────── point ───────────────►│
//
// The gap between the two answers decides whether it is an outage; its length is told from the likeliest onset to the likeliest recovery:
// the middle of each of the two ranges, where calls do not say more (likely-length.ts).
import { sayMs } from '../time/duration.ts'
import { type AffectedCalls, affectedCalls } from './affected-calls.ts'
import type { Doubt, Outage, Window } from './analysis.ts'
import type { Baseline } from './baseline.ts'
import { CHANCE, isChance } from './by-chance.ts'
import {
  ANSWERED,
  type Calls,
  endedAt,
  endOf,
  firstAt,
  isLost,
  rangeOf,
  scheduled,
  sentAt,
  UNANSWERED,
} from './calls.ts'
import { certainTimes, eachGap } from './gaps.ts'
import { heldUp } from './held-up.ts'
import { likelyMs, wasLostAround } from './likely-length.ts'
import { byTheMachine, CERTAIN_MS, type Machine, RESOLUTION_MS, wasQuiet } from './machine.ts'
import { isServedElsewhere, longestSilence } from './served-elsewhere.ts'
import { atMostWaitedMs } from './waiting.ts'
import { coveredMs, lowerBound } from './windows.ts'
import { mostWorkOffMs } from './work-off.ts'

/** The generator writes down no standstill of its own below this: so long an answer may have lain unread. */
const UNREAD_MS = 3

/** What a balancer answers where it waited in vain, or has nobody who is in time. */
const LATE_STATUS: ReadonlySet<number> = new Set([503, 504])

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
  /** Gaps that were weighed and are no outages: those, and the pauses of one node. */
  readonly dismissed: readonly Window[]
  readonly gaps: readonly Window[]
}

/** Finds them. Pure arithmetic over the gaps: measurement.md §7. */
export const fullOutages = (lane: Examined): FullOutages => {
  const outages: Omit<Outage, 'nodes'>[] = []
  const doubts: Doubt[] = []
  const gaps: Window[] = []
  const byChance: Window[] = []
  const dismissed: Window[] = []
  const certain = certainTimes(lane.calls, lane.times)
  eachGap(lane.times, lane.baseline.usualFloorMs, (from, to) => {
    const hit = affectedCalls(lane, [from, to])
    if (to - from < hit.floorMs || hit.lost + hit.late === 0) return
    gaps.push([from, to])
    const outage = outageOf(lane, { from, to, atMost: around(certain, from, to) }, hit)
    const known = knownSleeps(lane.machine, hit)
    const sleptMs = outage.ownStallMs - coveredMs(known, from, to)
    // The cap closes whoever keeps callers waiting: a call that it held back is lost in an outage, and no witness of one.
    const gap = { from, to, known, lengthMs: to - from - sleptMs, isStall: hit.lost === 0 }
    const isHidden = mayHide(lane, gap, hit)
    if (gap.lengthMs < hit.floorMs) {
      if (isHidden && isBeside(lane, gap, hit)) dismissed.push([from, to])
      else if (isHidden) doubts.push(doubtOf(lane, gap, unknownFor(byManyStalls(sleptMs))))
      return
    }
    const isWitnessed = hit.waiting >= WITNESSES && wasQuiet(lane.machine, [from, to])
    if (isChance(lane, { ...gap, isWitnessed }, hit)) {
      byChance.push([from, to])
      dismissed.push([from, to])
      return
    }
    if (gap.isStall && isOneNodes(lane, gap, hit)) {
      dismissed.push([from, to])
      return
    }
    const isCertain = !gap.isStall && outage.length.min >= Math.max(CERTAIN_MS, hit.floorMs)
    // A Dashboard's limit is in seconds: what its stalls lacked is weighed where they are above it.
    const isLong = isOfCallers(lane) && gap.isStall && gap.lengthMs >= CERTAIN_MS
    const why = isCertain ? null : (byTheMachine(lane.machine, gap) ?? (isLong ? heldUp(lane, [from, to], hit) : null))
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
  return { outages, doubts, byChance, dismissed, gaps }
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
  { floorMs }: AffectedCalls,
): Pick<FullOutages, 'outages' | 'doubts'> => {
  const waitedMs = gap.lengthMs < CERTAIN_MS ? atMostWaitedMs(lane.machine, [gap.from, gap.to]) : 0
  const min = Math.max(0, outage.length.min - waitedMs)
  if (isWitnessed || min >= floorMs) return { outages: [{ ...outage, length: { ...outage.length, min } }], doubts: [] }
  if (lane.calls.lane.header.purpose === 'dashboard' && gap.lengthMs > CERTAIN_MS)
    return { outages: [], doubts: [{ ...doubtOf(lane, gap, BY_NOBODY), about: 'dashboard stall' }] }
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

/**
 * Short sleeps of the generator's in which nobody was served: a call was lost that was sent before it, and one that was sent after it. A long one is
 * a doubt of its own, whatever it lies in.
 */
const knownSleeps = ({ ownStalls }: Machine, { lost, lostSentAt }: AffectedCalls): readonly Window[] =>
  lost === 0
    ? []
    : ownStalls.filter(([fell, woke]) => woke - fell <= RESOLUTION_MS && wasLostAround(lostSentAt, [fell, woke]))

const isOfCallers = ({ calls }: Examined): boolean => calls.lane.header.purpose === 'callers'

/** Whether several stalls of the generator, each too short to matter, may cover one of the deployment's: a call was not answered between them. */
const mayHide = (
  lane: Examined,
  { from, to }: { readonly from: number; readonly to: number },
  hit: AffectedCalls,
): boolean =>
  isOfCallers(lane) &&
  hit.waitedMs > RESOLUTION_MS &&
  lane.machine.ownStalls.filter((stall) => coveredMs([stall], from, to) > 0).length > 1

/**
 * Whether other lanes of the same callers were answered all along, and what this one met, however much of it the generator slept, is one node's or
 * chance: then it hides no outage.
 */
const isBeside = (
  lane: Examined,
  { from, to }: { readonly from: number; readonly to: number },
  hit: AffectedCalls,
): boolean => {
  const [since, until] = longestSilence(lane.others, [from, to])
  const whole = { from, to, lengthMs: to - from, isWitnessed: false }
  return (
    until - since <= RESOLUTION_MS && (isChance(lane, whole, hit) || (hit.lost === 0 && isOneNodes(lane, whole, hit)))
  )
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
  hit: AffectedCalls,
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
    nature: hit.lost + hit.shed > 0 ? 'hard' : 'stall',
    from,
    to,
    length: {
      point,
      min: Math.max(0, Math.min(point, recoveredAtLeast - onset[1] - disturbedMs - mostWorkOffMs(hit))),
      max: Math.max(point, atMost[1] - leftAtLeast({ calls, baseline, machine }, atMost[0])),
    },
    lost: hit.lost + hit.shed,
    lossDerivedMs: hit.missingMs,
    ownStallMs: coveredMs(machine.ownStalls, from, to),
    ...(calls.lane.header.ramps && { floorMs: hit.floorMs }),
    ...(mayLackProcessors(calls, [from, to]) && { waitedMs: atMostWaitedMs(machine, [from, to]) }),
    ...((to === endOf(calls) || from === calls.t0) && { censored: true }),
  }
}

/**
 * Whether all that was lost of the Dashboard's calls may have waited for it, or met a balancer that had put it out for not answering in time: no
 * lack of processors makes an answer wrong, or ends a connection.
 */
const mayLackProcessors = (calls: Calls, window: Window): boolean => {
  if (calls.lane.header.purpose !== 'dashboard') return false
  const [first, last] = rangeOf(calls, window)
  for (let i = first; i < last; i += 1)
    if (isLost(calls.code[i]) && calls.code[i] !== UNANSWERED && !LATE_STATUS.has(calls.lane.status[i] ?? 0))
      return false
  return true
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

/** Whether it is the pause of a node that the lane's calls met by chance, and not the deployment's. */
const isOneNodes = (
  { calls, others }: Examined,
  { from, to, lengthMs }: { readonly from: number; readonly to: number; readonly lengthMs: number },
  { first, last, late, floorMs }: AffectedCalls,
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
