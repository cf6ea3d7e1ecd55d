// How likely it is that a run of lost or slow calls is chance, and no full outage: told by the calls around it and beside it.
import { type AffectedCalls, endOfAffected, type MeasuredLane, slowest } from './affected-calls.ts'
import { type Calls, everyMsAt, isLost, rangeOf, sentAt } from './calls.ts'
import { CERTAIN_MS, RESOLUTION_MS } from './machine.ts'
import { countFrom, longestSilence, MOST_TROUBLED, troubleBeside, waitsOf } from './served-elsewhere.ts'

/** Runs of slow or lost calls that chance alone would make less often than this in a run are not chance. */
export const CHANCE = 0.001

/** Callers may have no full outage at all: of theirs a time is too long for chance only when so many calls fell into it. */
const CERTAIN_CALLS = 25

/** How many calls on either side of a gap say what is usual around it: the nearest alone, where trouble began a moment ago. */
const NEIGHBOURS = [20, 100]

/** A lane, and the other lanes of the same callers. */
interface LaneAmongOthers extends MeasuredLane {
  readonly others: readonly Calls[]
}

/** A time in which a lane was not answered; witnessed where it is known that the calls which waited together were not a few. */
interface WeighedGap {
  readonly from: number
  readonly to: number
  readonly isWitnessed: boolean
}

/**
 * Whether a run of so many slow or lost calls is to be expected by chance. Where one call in three waits 300 ms for a dead
 * node, three in a row do so every 27 calls, and callers are answered all the while: that is no full outage. How many do is told by the
 * lane's own calls around the gap, and by those of other lanes in it: a lane of ten calls a second has hardly any around it. A call that
 * took 40 ms more is no sign of what keeps another from being answered for 200. While nobody of any lane was answered, chance has to have
 * met the calls of all of them.
 */
export const isChance = (
  lane: LaneAmongOthers,
  gap: WeighedGap & { readonly lengthMs: number },
  hit: AffectedCalls,
): boolean => {
  const { calls, baseline } = lane
  const everyMs = everyMsAt(calls, hit.first)
  const leastMs = calls.lane.header.purpose === 'callers' ? CERTAIN_CALLS * everyMs : 0
  if (gap.lengthMs >= Math.max(CERTAIN_MS, leastMs)) return false
  const shareFrom = sharesAround(lane, gap, hit)
  // Where many calls are slow and none is ever lost, slow ones explain none that are lost, nor any that are slower than all.
  let [byRare, byLate] = [1, 1]
  for (let i = hit.first; i < hit.last; i += 1) {
    const end = endOfAffected(lane, i, gap.to)
    if (end === null) continue
    // All but an interval: of calls that are kept for as long the first is answered as the gap ends.
    const restMs = gap.to - sentAt(calls, i) - everyMs
    const rare = shareFrom(Math.max(slowest(baseline), restMs))
    if (end !== 'late') byRare *= rare
    byLate *= end === 'lost' || end === 'shed' ? rare : shareFrom(Math.max(baseline.slowMs, restMs))
  }
  return calls.count * Math.min(byRare, byLate) * lostTogether(lane.others, gap, hit) > CHANCE
}

/**
 * How likely it is that the calls of other lanes which were lost while nobody of them was answered were lost by chance, as the calls around
 * them were: 1 where somebody was answered all along.
 */
const lostTogether = (others: readonly Calls[], { from, to }: WeighedGap, { floorMs }: AffectedCalls): number => {
  const silence = longestSilence(others, [from, to])
  if (silence[1] - silence[0] < floorMs) return 1
  return others.reduce((likely, calls) => {
    const [first, last] = rangeOf(calls, silence)
    const shareFrom = neighbourShare(calls, { first, last, more: 0.5 })
    let lost = 0
    for (let i = first; i < last; i += 1) lost += isLost(calls.code[i]) ? 1 : 0
    return likely * shareFrom(Infinity) ** lost
  }, 1)
}

/** What share of the calls around a gap, and of other lanes' in it, were lost or took so many ms: the largest that any of them tells. */
const sharesAround = (
  { calls, baseline, others }: LaneAmongOthers,
  gap: WeighedGap,
  { first, last, floorMs }: AffectedCalls,
): ((ms: number) => number) => {
  // Half a call more: nobody in a hundred does not mean nobody ever. Of many that waited together it is known that they were not a few.
  const around = neighbourShare(calls, { first, last, more: gap.isWitnessed ? 0 : 0.5 })
  const beside = troubleBeside(others, [gap.from, gap.to], {
    floorMs: Math.min(floorMs, RESOLUTION_MS),
    slowMs: slowest(baseline),
  })
  return (ms) => Math.max(around(ms), beside(ms))
}

/**
 * What share of the calls on either side of [first, last) were lost or took so many ms: the largest that any of them tells. Where more are lost
 * than by one node of two, and some by chance, it is everybody who is hardly served: what is beyond that share explains nothing.
 */
const neighbourShare = (
  calls: Calls,
  { first, last, more }: { readonly first: number; readonly last: number; readonly more: number },
): ((ms: number) => number) => {
  const neighbours = NEIGHBOURS.flatMap((many) => [
    waitsOf([[calls, Math.max(0, first - many), first]]),
    waitsOf([[calls, last, Math.min(calls.count, last + many)]]),
  ])
  return (ms) =>
    Math.max(
      ...neighbours.map((waits) => {
        const lost = countFrom(waits, Infinity)
        const slow = countFrom(waits, ms) - lost
        return Math.min(1, (slow + Math.min(lost, MOST_TROUBLED * waits.length) + more) / (waits.length + 1))
      }),
    )
}
