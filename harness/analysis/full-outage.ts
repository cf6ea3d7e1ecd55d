// Full outages of a lane: times in which nobody was answered, with the bounds that contain the truth.
//
//        last answer            first call hit        last call hit      first answer
//  ───────────●─────────────────────○ · · · · · · · · · · · ○ ──────────────●────────
//          [  onset is in here        ]                [  recovery is in here ]
//             │◄──────────────────── point ────────────────────────────────►│
import { sayMs } from '../time/duration.ts'
import type { Doubt, Outage, Window } from './analysis.ts'
import type { Baseline } from './baseline.ts'
import { ANSWERED, type Calls, endedAt, endOf, firstAt, isLost, responseMs, SHED, sentAt, wasSent } from './calls.ts'
import { certainTimes, eachGap } from './gaps.ts'
import { CERTAIN_MS, isTheMachines, type Machine, RESOLUTION_MS } from './machine.ts'
import { isServedElsewhere } from './served-elsewhere.ts'
import { coveredMs, lowerBound } from './windows.ts'

/** Runs of slow or lost calls that chance alone would make less often than this in a run are not chance. */
const CHANCE = 0.001

/** How many calls on either side of a gap say what is usual around it: the nearest alone, where trouble began a moment ago. */
const NEIGHBOURS = [20, 100]

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
  readonly gaps: readonly Window[]
}

/** Finds them. Pure arithmetic over the gaps: measurement.md §7. */
export const fullOutages = (lane: Examined): FullOutages => {
  const outages: Omit<Outage, 'nodes'>[] = []
  const doubts: Doubt[] = []
  const gaps: Window[] = []
  const certain = certainTimes(lane.calls, lane.times)
  eachGap(lane.times, lane.baseline.floorMs, (from, to) => {
    const hit = callsHit(lane, from, to)
    if (hit.lost + hit.late === 0) return
    gaps.push([from, to])
    const outage = outageOf(lane, { from, to, atMost: around(certain, from, to) }, hit)
    if (outage.length.point < lane.baseline.floorMs || isChance(lane, outage, hit)) return
    const isStall = outage.nature === 'stall'
    if (isStall && isOneNodes(lane, outage, hit)) return
    if (isTheMachines(lane.machine, { from, to, lengthMs: outage.length.point, isStall })) {
      if (outage.length.point > RESOLUTION_MS) doubts.push(doubtOf(lane, outage))
      return
    }
    // A stall leaves no lost call as a witness, so it counts only when the part that is certain is above the floor.
    if (!isStall || outage.length.min >= lane.baseline.floorMs) outages.push(outage)
  })
  return { outages, doubts, gaps }
}

/** What became of the calls that were to be answered within a gap. */
interface Hit {
  readonly lost: number
  readonly late: number
  readonly shed: number
  /** Indices [first, last) of the calls scheduled in the gap. */
  readonly first: number
  readonly last: number
  /** When the first call that the outage hit was sent, and the last. */
  readonly firstSentAt: number
  readonly lastSentAt: number
}

const callsHit = ({ calls, baseline }: Examined, from: number, to: number): Hit => {
  const first = firstAt(calls, from - baseline.p50Ms)
  const last = firstAt(calls, to)
  let [lost, late, shed, firstSentAt, lastSentAt] = [0, 0, 0, Infinity, -Infinity]
  for (let i = first; i < last; i += 1) {
    const isShed = calls.lane.errorClass[i] === SHED && calls.code[i] !== ANSWERED
    if (isShed) shed += 1
    if (isShed || !wasSent(calls.code[i])) continue
    const isLate = calls.code[i] === ANSWERED && endedAt(calls, i) >= to && responseMs(calls, i) > baseline.slowMs
    if (!isLost(calls.code[i]) && !isLate) continue
    if (isLate) late += 1
    else lost += 1
    firstSentAt = Math.min(firstSentAt, sentAt(calls, i))
    lastSentAt = Math.max(lastSentAt, Math.min(to, sentAt(calls, i)))
  }
  return { lost, late, shed, first, last, firstSentAt, lastSentAt }
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
  const ownStallMs = coveredMs(machine.ownStalls, from, to)
  const disturbedMs = coveredMs(machine.all, from, to)
  const point = to - from - ownStallMs
  // The last answer left the deployment at most its usual time before it came; the first call hit had arrived by then.
  const onset: Window = [from - baseline.p999Ms, Math.min(to, hit.firstSentAt + baseline.p999Ms)]
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
      min: Math.max(0, Math.min(point, recoveredAtLeast - onset[1] - disturbedMs)),
      max: Math.max(point, atMost[1] - atMost[0] + baseline.p999Ms),
    },
    lost: hit.lost + hit.shed,
    lossDerivedMs: (hit.lost + hit.late + hit.shed) * calls.everyMs,
    ownStallMs,
    ...((to === endOf(calls) || from === calls.t0) && { censored: true }),
  }
}

/**
 * Whether a run of so many slow or lost calls is to be expected by chance. Where one call in three waits 300 ms for a dead
 * node, three in a row do so every 27 calls, and callers are answered all the while: that is no full outage.
 */
const isChance = ({ calls, baseline }: Examined, outage: Pick<Outage, 'length'>, hit: Hit): boolean => {
  if (outage.length.point >= CERTAIN_MS) return false
  const shares = NEIGHBOURS.flatMap((many) => [
    troubledShare(calls, baseline, Math.max(0, hit.first - many), hit.first),
    troubledShare(calls, baseline, hit.last, Math.min(calls.count, hit.last + many)),
  ])
  const share = Math.max(...shares)
  return calls.count * share ** (hit.lost + hit.late + hit.shed) > CHANCE
}

/** Whether it is the pause of a node that the lane's calls met by chance, and not the deployment's. */
const isOneNodes = (
  { calls, baseline, others }: Examined,
  { from, to, length }: Pick<Outage, 'from' | 'to' | 'length'>,
  { first, last, late }: Hit,
): boolean =>
  length.point < CERTAIN_MS &&
  isServedElsewhere(
    calls,
    others,
    { window: [from, to], first, last, waited: late },
    { floorMs: baseline.floorMs, chance: CHANCE },
  )

const troubledShare = (calls: Calls, baseline: Baseline, first: number, last: number): number => {
  let troubled = 0
  for (let i = first; i < last; i += 1) {
    if (isLost(calls.code[i]) || responseMs(calls, i) > baseline.slowMs) troubled += 1
  }
  // Half a call more: nobody in a hundred does not mean nobody ever.
  return Math.min(1, (troubled + 0.5) / (last - first + 1))
}

const doubtOf = (lane: Examined, { from, to, length }: Pick<Outage, 'from' | 'to' | 'length'>): Doubt => ({
  about: 'control lane',
  because: `Lane ${lane.calls.name} was not answered for ${sayMs(length.point)} at ${sayMs(from)}, but the control lane or the generator itself stood still for half of that, or there was no processor to be had: it was the machine, and what the deployment did meanwhile is unknown.`,
  window: [from, to],
  lane: lane.calls.name,
})
