// How callers came back after a fault: their first answer, and from when on they were served as before.
import { TAIL_MS } from '../history/periods.ts'
import type { FaultAnalysis, Outage, Recovery, Return, Window } from './analysis.ts'
import { type AnalysedLane, watchers } from './lane.ts'
import { nextAfter, type Stable, stableFrom } from './recovery.ts'
import { above, at, between, effectOf } from './timing.ts'

/** First answer and stable recovery per attested fault and caller lane, from the fault and from its healing: measurement.md §7. */
export const returnsOf = (
  faults: readonly FaultAnalysis[],
  lanes: readonly AnalysedLane[],
  clockErrorMs: number,
): readonly Recovery[] =>
  faults.flatMap((fault) =>
    fault.inEffectAt === null ? [] : watchers(lanes).map((lane) => returnOf(lane, { fault, faults, clockErrorMs })),
  )

interface Context {
  readonly fault: FaultAnalysis
  readonly faults: readonly FaultAnalysis[]
  readonly clockErrorMs: number
}

const returnOf = (lane: AnalysedLane, context: Context): Recovery => {
  const { fault, faults, clockErrorMs } = context
  const effect = effectOf(fault)
  const next = nextAfter(faults, fault, fault.intendedAt)
  const outage = outageOf(lane, context, next)
  const from = outage && !outage.censored ? outage.to : effect[1]
  const stable = outage?.censored ? { took: above(0), censored: true } : stableFrom(lane, from, next)
  return {
    faultId: fault.id,
    lane: lane.calls.name,
    firstAnswer: outage ? sinceBoth(fault, at(outage.to), { clockErrorMs, censored: outage.censored === true }) : null,
    stable:
      stable &&
      sinceBoth(fault, instantOf(stable, outage?.censored ? outage.to : from), {
        clockErrorMs,
        censored: stable.censored,
      }),
  }
}

/**
 * The first full outage that a fault may have made. It may begin while the fault still takes effect; but one that the lane could have told before
 * the intent was there already, and one that began when all had been clear for as long as objectives are judged is nobody's.
 */
const outageOf = (
  { analysis: { outages, floorMs } }: AnalysedLane,
  { fault: { intendedAt, clearedAt }, clockErrorMs }: Context,
  next: number | null,
): Outage | undefined => {
  const until = Math.min(next ?? Infinity, (clearedAt ?? Infinity) + TAIL_MS)
  const isItsOwn = ({ from, to, floorMs: leastMs = floorMs }: Outage): boolean =>
    to > intendedAt && from > intendedAt - leastMs - clockErrorMs && from < until
  return outages.find((outage) => outage.kind === 'full' && isItsOwn(outage))
}

const instantOf = ({ took }: Stable, from: number): Window => [from + took.min, from + took.max]

const sinceBoth = (
  fault: FaultAnalysis,
  back: Window,
  { clockErrorMs, censored }: { clockErrorMs: number; censored: boolean },
): Return => {
  const healed = fault.healedAt
  return {
    sinceFault: between(effectOf(fault), back, clockErrorMs),
    sinceHeal: healed === null || back[1] < healed ? null : between(at(healed), back, clockErrorMs),
    censored,
  }
}
