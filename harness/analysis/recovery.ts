// How long after healing callers were served as before: stable recovery, measurement.md §7.
import type { FaultAnalysis, Timing } from './analysis.ts'
import { type Calls, endOf, firstAt } from './calls.ts'
import type { AnalysedLane } from './lane.ts'
import { latencyUsOf } from './latency.ts'

/** It has to stay good for so long. */
const STABLE_MS = 5000
const STEP_MS = 100

/** More lost than before by no more than this share. */
const LOST_SLACK = 0.001

/** p99 may be 1.5 times the baseline's, */
const SLOWER = 1.5

/**
 * and differences below this are none: where a baseline's p99 is 1 ms, one call that waits for a busy core doubles it, and
 * nobody who waits for an answer can tell.
 */
export const SAME_MS = 5

/** Of the calls of a window at least this share must be sound, or nobody can say how the deployment was. */
const SOUND_SHARE = 0.5

/** Stable recovery per fault and caller lane; left out where the next fault came before it could be told. */
export const recoveries = (faults: readonly FaultAnalysis[], lanes: readonly AnalysedLane[]): readonly Timing[] =>
  faults.flatMap((fault, k) => {
    if (fault.healedAt === null || fault.inEffectAt === null) return []
    const healed = fault.healedAt
    const next = faults.slice(k + 1).find((each) => each.intendedAt > healed)?.intendedAt ?? null
    return lanes
      .filter(({ calls }) => calls.lane.header.purpose === 'callers')
      .flatMap((lane): readonly Timing[] => {
        const stableAt = stableFrom(lane, healed, next ?? endOf(lane.calls))
        const base = {
          measure: 'recovery',
          of: fault.targets.join(', '),
          at: lane.calls.name,
          faultId: fault.id,
        } as const
        if (stableAt !== null) {
          const point = stableAt - healed
          return [{ ...base, took: { point, min: Math.max(0, point - STEP_MS), max: point }, censored: false }]
        }
        if (next !== null || !isMostlySound(lane, healed)) return []
        const watched = Math.max(0, endOf(lane.calls) - healed - STABLE_MS)
        return [{ ...base, took: { point: watched, min: watched, max: watched }, censored: true }]
      })
  })

const stableFrom = ({ calls, marks, baseline, analysis }: AnalysedLane, from: number, to: number): number | null => {
  const usual = analysis.baseline?.p99 ?? 0
  const limitUs = Math.max(SLOWER * usual, usual + SAME_MS) * 1000
  const sound = sumOf(calls, from, (i) => marks.isSound[i] === 1)
  const lost = sumOf(calls, from, (i) => marks.lostForCertain[i] === 1)
  const slow = sumOf(calls, from, (i) => marks.isSound[i] === 1 && latencyUsOf(calls, i) > limitUs)
  const start = firstAt(calls, from)
  for (let at = from; at + STABLE_MS <= to; at += STEP_MS) {
    const first = firstAt(calls, at) - start
    const last = firstAt(calls, at + STABLE_MS) - start
    const share = (sums: Uint32Array): number => ((sums[last] ?? 0) - (sums[first] ?? 0)) / Math.max(1, last - first)
    if (
      last > first &&
      share(sound) >= SOUND_SHARE &&
      share(lost) <= baseline.lostShare + LOST_SLACK &&
      share(slow) <= 0.01
    )
      return at
  }
  return null
}

const isMostlySound = ({ calls, marks }: AnalysedLane, from: number): boolean => {
  const sound = sumOf(calls, from, (i) => marks.isSound[i] === 1)
  return (sound.at(-1) ?? 0) >= SOUND_SHARE * (sound.length - 1)
}

/** Running sums from the first call at `from`: sums[k] counts the first k calls. */
const sumOf = (calls: Calls, from: number, isCounted: (i: number) => boolean): Uint32Array => {
  const start = firstAt(calls, from)
  const sums = new Uint32Array(calls.count - start + 1)
  for (let i = start; i < calls.count; i += 1) sums[i - start + 1] = (sums[i - start] ?? 0) + (isCounted(i) ? 1 : 0)
  return sums
}
