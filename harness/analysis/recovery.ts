// How long after healing callers were served as before: stable recovery, measurement.md §7.
import type { FaultAnalysis, Measured, Timing, Window } from './analysis.ts'
import { endOf, firstAt, rangeOf, scheduled } from './calls.ts'
import { type AnalysedLane, watchers } from './lane.ts'
import { hasEnough } from './latency.ts'
import { CHANCE, rareCount } from './sample.ts'
import { type Counted, isKnown, type Sliding, shareOf, slidingOver, usualMs } from './sliding.ts'
import { above } from './timing.ts'

/** It has to stay good for so long. */
export const STABLE_MS = 5000
const STEP_MS = 100

/** More lost than before by no more than this share. */
const LOST_SLACK = 0.001

const SLOW_SHARE = 0.01

/** Where at least this share of a window's calls is sound, they speak for the others; a smaller share is a sample, which has to be large enough. */
const SOUND_SHARE = 0.5

/** And of this share it must be known what became of them. */
const KNOWN_SHARE = 0.5

/**
 * Stable recovery after healing, per fault and caller lane; left out where the next fault came before it could be told. While another one is
 * in effect nobody can be served as before: it counts from when that is clear, and is left out where that never was.
 */
export const recoveries = (faults: readonly FaultAnalysis[], lanes: readonly AnalysedLane[]): readonly Timing[] =>
  faults.flatMap((fault) => {
    if (fault.healedAt === null || fault.inEffectAt === null) return []
    const from = Math.max(fault.healedAt, ...besides(faults, fault, fault.healedAt).map(clearOf))
    const next = nextAfter(faults, fault, fault.healedAt)
    if (from === Infinity) return []
    return watchers(lanes).flatMap((lane): readonly Timing[] => {
      const stable = stableFrom(lane, from, next)
      if (!stable) return []
      const { took, censored } = stable
      return [
        { measure: 'recovery', of: fault.targets.join(', '), at: lane.calls.name, faultId: fault.id, took, censored },
      ]
    })
  })

/**
 * Recoveries that the next fault cut short: longer than `took.point`, and nobody knows by how much. Per fault and caller lane, where no other
 * fault was in effect meanwhile and nothing but the deployment kept callers waiting.
 */
export const unrecovered = (faults: readonly FaultAnalysis[], lanes: readonly AnalysedLane[]): readonly Timing[] =>
  faults.flatMap((fault) => {
    const { healedAt, inEffectAt } = fault
    if (healedAt === null || inEffectAt === null) return []
    const next = nextAfter(faults, fault, healedAt)
    if (next === null || besides(faults, fault, healedAt).length > 0 || next - healedAt <= STABLE_MS) return []
    return watchers(lanes)
      .filter((lane) => usualMs(lane) !== null && stableAt(lane, healedAt, next) === null)
      .filter((lane) => isTelling(lane, [healedAt, next]))
      .map(({ calls }) => ({
        measure: 'recovery',
        of: fault.targets.join(', '),
        at: calls.name,
        faultId: fault.id,
        took: above(next - healedAt - STABLE_MS),
        censored: true,
      }))
  })

/** Other faults that were in effect at an instant, or may have been. */
const besides = (faults: readonly FaultAnalysis[], fault: FaultAnalysis, at: number): readonly FaultAnalysis[] =>
  faults.filter((each) => each !== fault && each.intendedAt <= at && clearOf(each) > at)

const clearOf = ({ clearedAt }: FaultAnalysis): number => clearedAt ?? Infinity

/** When the first fault listed after this one was intended, after `at`; null where there is none. */
export const nextAfter = (faults: readonly FaultAnalysis[], fault: FaultAnalysis, at: number): number | null =>
  faults.slice(faults.indexOf(fault) + 1).find((each) => each.intendedAt > at)?.intendedAt ?? null

/** How long from an instant until the lane was stable; the run may have ended first. */
export interface Stable {
  readonly took: Measured
  readonly censored: boolean
}

/** From `from`, before the next fault; null where that came before it could be told, too few calls were sound to tell, or nobody knows what is usual. */
export const stableFrom = (lane: AnalysedLane, from: number, next: number | null): Stable | null => {
  if (usualMs(lane) === null) return null
  const end = endOf(lane.calls)
  const stable = stableAt(lane, from, next ?? end)
  if (stable !== null) {
    const point = stable.at - from
    return { took: { point, min: Math.max(0, point - STEP_MS), max: stable.shownAt - from }, censored: false }
  }
  if (next !== null || !isTelling(lane, [from, Infinity])) return null
  return { took: above(end - from - STABLE_MS), censored: true }
}

/**
 * The first step of 100 ms from `from` on after which the lane stays as it was for 5 s, all of it before `to`; where fewer than half of its calls
 * are sound, until a hundred of them are. It begins with a call of which is known what became of it: callers who are cut off, or of whom nothing
 * is on record, are not served as before. By `shownAt` it was seen: where only a sample is sound, nobody knows how callers were before its first call.
 */
const stableAt = (
  lane: AnalysedLane,
  from: number,
  to: number,
): { readonly at: number; readonly shownAt: number } | null => {
  const { calls, baseline } = lane
  const [five, longer] = [slidingOver(lane, from), slidingOver(lane, from)]
  const end = firstAt(calls, to)
  const isServed = ({ counted, first, last }: Sliding): boolean =>
    last > first &&
    counted.known >= KNOWN_SHARE * (last - first) &&
    shareOf(counted.lost, counted) <= baseline.lostShare + LOST_SLACK
  for (let at = from; at + STABLE_MS <= to; at += STEP_MS) {
    const first = firstAt(calls, at)
    five.slide(first, firstAt(calls, at + STABLE_MS))
    if (!isKnown(lane, first)) continue
    const { counted } = five
    if (shareOf(counted.sound, counted) >= SOUND_SHARE) {
      if (isServed(five) && shareOf(counted.soundAndSlow, counted) <= SLOW_SHARE) return { at, shownAt: at }
      continue
    }
    // A busy machine makes calls slower and never faster: where hardly any was slow, none of them need be sound.
    if (isServed(five) && shareOf(counted.slow, counted) <= SLOW_SHARE) return { at, shownAt: at }
    longer.slide(first, Math.max(five.last, longer.last))
    while (longer.last < end && !isLarge(longer.counted)) longer.slide(first, longer.last + 1)
    if (isServed(longer) && isFastSample(longer.counted)) return { at, shownAt: firstSoundAt(lane, first) }
  }
  return null
}

const isLarge = ({ sound }: Counted): boolean => hasEnough({ count: sound }, 'p99')

/** What is quick where nobody waits may still be slower than before where somebody does: all have to be as all were. */
const isFastSample = (counted: Counted): boolean =>
  isLarge(counted) &&
  counted.soundAndSlow <= SLOW_SHARE * counted.sound &&
  shareOf(counted.slowOfAll, counted) <= SLOW_SHARE

/** When the first sound call from `first` on was due. There is one. */
const firstSoundAt = (lane: AnalysedLane, first: number): number => {
  let i = first
  while (!(isKnown(lane, i) && lane.marks.isSound[i] === 1)) i += 1
  return scheduled(lane.calls, i)
}

/**
 * Whether a lane that was not as before in a window is known not to have been: half of its calls are sound, or more sound ones of a hundred and
 * more were slow than chance makes of one in a hundred.
 */
const isTelling = (lane: AnalysedLane, [from, to]: Window): boolean => {
  const [first, last] = rangeOf(lane.calls, [from, to])
  const all = slidingOver(lane, from)
  all.slide(first, last)
  const { sound, soundAndSlow } = all.counted
  return (
    sound >= SOUND_SHARE * (last - first) ||
    (isLarge(all.counted) && soundAndSlow >= rareCount(sound, SLOW_SHARE, CHANCE))
  )
}
