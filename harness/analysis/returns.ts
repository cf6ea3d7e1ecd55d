// How callers came back after a fault: their first answer, and from when on they were served as before.
import type { FaultAnalysis, Recovery, Return, Window } from './analysis.ts'
import { type AnalysedLane, watchers } from './lane.ts'
import { nextAfter, type Stable, stableFrom } from './recovery.ts'
import { above, between } from './timing.ts'

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

const returnOf = (lane: AnalysedLane, { fault, faults, clockErrorMs }: Context): Recovery => {
  const effect = effectOf(fault)
  const next = nextAfter(faults, fault, fault.intendedAt)
  // An outage may begin while the fault still takes effect; one that ended before it was intended is not its.
  const outage = lane.analysis.outages.find(
    ({ kind, from, to }) => kind === 'full' && to > fault.intendedAt && from < (next ?? Infinity),
  )
  const from = outage && !outage.censored ? outage.to : effect[1]
  const stable = outage?.censored ? { took: above(0), censored: true } : stableFrom(lane, from, next)
  return {
    faultId: fault.id,
    lane: lane.calls.name,
    firstAnswer: outage
      ? sinceBoth(fault, [outage.to, outage.to], { clockErrorMs, censored: outage.censored === true })
      : null,
    stable:
      stable &&
      sinceBoth(fault, instantOf(stable, outage?.censored ? outage.to : from), {
        clockErrorMs,
        censored: stable.censored,
      }),
  }
}

const effectOf = ({ inEffectAt, inEffectBounds, intendedAt }: FaultAnalysis): Window =>
  inEffectBounds ?? [inEffectAt ?? intendedAt, inEffectAt ?? intendedAt]

const instantOf = ({ took }: Stable, from: number): Window => [from + took.min, from + took.max]

const sinceBoth = (
  fault: FaultAnalysis,
  at: Window,
  { clockErrorMs, censored }: { clockErrorMs: number; censored: boolean },
): Return => {
  const healed = fault.healedAt
  return {
    sinceFault: between(effectOf(fault), at, clockErrorMs),
    sinceHeal: healed === null || at[1] < healed ? null : between([healed, healed], at, clockErrorMs),
    censored,
  }
}
