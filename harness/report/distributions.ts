// A drill that was played many times: how long ejection, readmission and failover took each time, beside what the settings predict.
import type { Analysis, FaultAnalysis, Timing } from '../analysis/analysis.ts'
import { type Distribution, distributionOf } from '../analysis/distribution.ts'
import { trustedAgain } from '../analysis/trusted-again.ts'
import { coveredMs, merged } from '../analysis/windows.ts'
import type { Event, FaultKind } from '../history/event.ts'
import { sayApart, sayMs } from '../time/duration.ts'
import type { VerdictOutcome } from '../verdict/verdict.ts'

/** One measure of one scenario over all of its repetitions on one leg; ms. */
export interface TimingDistribution extends Distribution {
  readonly scenario: string
  readonly stack?: string
  /** Of a run of several deployments, which one: those of one stack have other settings. */
  readonly part?: string
  readonly measure: Timing['measure']
  /** readmission: of whoever stood in the node's place, and not of the node itself. */
  readonly isReplacement?: true
  readonly fault: FaultKind
  /** The balancer that did it. */
  readonly by: string
  /** Of n: those that never came while somebody watched. */
  readonly censored: number
  readonly predictedMinMs?: number
  readonly predictedMaxMs?: number
  readonly outcome: VerdictOutcome
  /** A sentence for each that its bounds put outside of the prediction. */
  readonly outside: readonly { readonly folder: string; readonly outcome: VerdictOutcome; readonly because: string }[]
}

/** One playing, as far as it matters here. */
export interface Played {
  readonly name: string
  readonly folder: string
  readonly stack?: string
  readonly part?: string
  readonly analysis: Pick<Analysis, 'timings' | 'faults' | 'nodes' | 'disturbances'>
  readonly events: readonly Event[]
}

const MEASURES: ReadonlySet<Timing['measure']> = new Set(['ejection', 'readmission', 'failover'])

interface One {
  readonly played: Played
  readonly fault: FaultAnalysis
  readonly timing: Timing
}

/**
 * By scenario, in the order of the run. Empty where nothing was played more than once on one leg. What occurred in one playing only (a
 * soak of another seed draws other faults) is told of where it lies outside of its prediction.
 */
export const distributionsOf = (playings: readonly Played[]): readonly TimingDistribution[] => {
  const repeated = Map.groupBy(playings, ({ name, stack, part }) => `${stack} ${part} ${name}`)
  const all = [...repeated.values()].filter((each) => each.length > 1).flatMap((each) => each.flatMap(timingsOf))
  const groups = Map.groupBy(all, ({ played, fault, timing }) =>
    [played.stack, played.part, played.name, timing.measure, isOfReplacement(timing), fault.kind, timing.at].join(' '),
  )
  return [...groups.values()].map(describe).filter(({ n, outside }) => n > 1 || outside.length > 0)
}

const isOfReplacement = ({ isReplacement }: Timing): boolean => isReplacement === true

const timingsOf = (played: Played): readonly One[] =>
  played.analysis.timings.flatMap((timing) => {
    const fault = played.analysis.faults.find(({ id }) => id === timing.faultId)
    return fault && MEASURES.has(timing.measure) ? [{ played, fault, timing: asPredicted(played, timing) }] : []
  })

/**
 * The length that the settings predict, where they do: a gateway's readmission ends with the first call that it answers, and they say when
 * its balancer trusts it. Where nobody saw that, it may have done so at any time before that call.
 */
const asPredicted = ({ analysis: { faults, nodes }, events }: Played, timing: Timing): Timing => {
  const { measure, of, predictedMaxMs } = timing
  const isGateway = nodes.some(({ node, role }) => node === of && role === 'data-plane')
  if (measure !== 'readmission' || predictedMaxMs === undefined || isOfReplacement(timing) || !isGateway) return timing
  const took = trustedAgain(events, faults, timing)
  if (took) return { ...timing, took, censored: false }
  return timing.censored ? timing : { ...timing, took: { ...timing.took, min: 0 } }
}

const describe = (group: readonly One[]): TimingDistribution => {
  const [{ played, fault, timing }] = group as readonly [One, ...One[]]
  const outside = group.flatMap(whyOutside)
  const limits = group.flatMap((one) => one.timing.predictedMaxMs ?? [])
  const leasts = group.flatMap((one) => one.timing.predictedMinMs ?? [])
  return {
    ...distributionOf(group.map((one) => (one.timing.censored ? Infinity : one.timing.took.point))),
    scenario: played.name,
    ...(played.stack !== undefined && { stack: played.stack }),
    ...(played.part !== undefined && { part: played.part }),
    measure: timing.measure,
    ...(isOfReplacement(timing) && { isReplacement: true }),
    fault: fault.kind,
    by: timing.at,
    censored: group.filter((one) => one.timing.censored).length,
    ...(leasts.length > 0 && { predictedMinMs: Math.min(...leasts) }),
    ...(limits.length > 0 && { predictedMaxMs: Math.max(...limits) }),
    outcome: outside.some(({ outcome }) => outcome === 'fail') ? 'fail' : outside.length > 0 ? 'inconclusive' : 'pass',
    outside,
  }
}

/** Nothing, where the truth may lie within the prediction. A machine that stood still for as long as it lies outside makes it doubtful, and no failure. */
const whyOutside = ({ played, fault, timing }: One): TimingDistribution['outside'] => {
  const { predictedMinMs = 0, predictedMaxMs = Infinity, took, measure, of, at, censored } = timing
  const isSlow = took.min > predictedMaxMs
  // What never came is outside only where somebody watched for longer than the prediction.
  const isFast = !censored && took.max < predictedMinMs
  if (!isSlow && !isFast) return []
  // A replacement is on its way back as soon as it listens, the node itself when it is healed.
  const isAfterHealing = measure === 'readmission' && !isOfReplacement(timing)
  const since = (isAfterHealing ? fault.healedAt : fault.inEffectAt) ?? fault.intendedAt
  const stillMs = coveredMs(
    merged((played.analysis.disturbances ?? []).map(({ window }) => window)),
    since,
    since + took.max,
  )
  const isDoubtful = stillMs >= (isSlow ? took.min - predictedMaxMs : predictedMinMs - took.max)
  const [length, bound] = sayApart(censored ? took.min : took.point, isSlow ? predictedMaxMs : predictedMinMs)
  const told = `${censored ? 'did not come within' : 'took'} ${length}`
  const limit = `${isSlow ? 'at most' : 'at least'} ${bound}`
  return [
    {
      folder: played.folder,
      outcome: isDoubtful ? 'inconclusive' : 'fail',
      because: `${played.folder}: ${measure} of ${isOfReplacement(timing) ? 'the replacement of ' : ''}${of} by ${at} ${told}, where its settings predict ${limit}${isDoubtful ? '; the machine stood still meanwhile' : ''}.`,
    },
  ]
}

/** Its cells, for a table in any report. */
export const DISTRIBUTION_HEADINGS = ['Measure', 'Played', 'p50', 'p95', 'Longest', 'Predicted', 'Verdict'] as const

export const distributionCells = (of: TimingDistribution): readonly string[] => [
  whatOf(of),
  `${of.n}${of.censored > 0 ? `, ${of.censored} without an end` : ''}`,
  sayPercentile(of.p50),
  sayPercentile(of.p95),
  sayEnd(of.max),
  of.predictedMaxMs === undefined ? 'nothing' : `${sayMs(of.predictedMinMs ?? 0)} to ${sayMs(of.predictedMaxMs)}`,
  of.outside.length === 0 ? of.outcome : `${of.outcome}: ${of.outside.length} outside`,
]

/** 'data-plane-failover on high-availability (vendor): ejection after kill, callers-balancer'. */
export const whatOf = ({ scenario, stack, part, measure, isReplacement, fault, by }: TimingDistribution): string => {
  const where = `${stack === undefined ? '' : ` on ${stack}`}${part === undefined ? '' : ` (${part})`}`
  return `${scenario}${where}: ${measure}${isReplacement ? ' of the replacement' : ''} after ${fault}, ${by}`
}

const sayPercentile = ({ value, low, high }: TimingDistribution['p50']): string =>
  `${sayEnd(value)} (${low === null ? 'unbounded' : sayEnd(low)} to ${high === null ? 'unbounded' : sayEnd(high)})`

const sayEnd = (lengthMs: number): string => (Number.isFinite(lengthMs) ? sayMs(lengthMs) : 'no end seen')
