// One outcome and one sentence over all findings and assumptions.
import type { Objectives } from './objectives.ts'
import type { Assumption, Finding, VerdictOutcome } from './verdict.ts'

/** A finding that fails is a failure whatever else is doubtful; doubt turns only a pass into inconclusive. */
export const outcomeOf = (assumptions: readonly Assumption[], findings: readonly Finding[]): VerdictOutcome => {
  if (findings.some((finding) => finding.outcome === 'fail')) return 'fail'
  if (
    assumptions.some((assumption) => !assumption.holds) ||
    findings.some((finding) => finding.outcome === 'inconclusive')
  )
    return 'inconclusive'
  // Nothing judged is nothing proven.
  return findings.length === 0 ? 'inconclusive' : 'pass'
}

/** What a deployment may itself be to blame for where nobody could say that it holds. */
const OF_CONFIGURATION: ReadonlySet<string> = new Set([
  'lostChanges',
  'convergence',
  'writeOutage',
] satisfies (keyof Objectives)[])

/** What is open by the machine's doing, as a rule: the judge weighs that in it itself, and else says yes or no. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([
  'fullOutage',
  'partialOutage',
  'lostCalls',
  'lostOnReturn',
  'lostTime',
  'availability',
  'p50',
  'p99',
  'p999',
  'p99VsSteady',
  'recoveredP99',
  'recoveredP99VsSteady',
  'dashboardOutage',
  'uiStall',
  'headroom',
] satisfies (keyof Objectives)[])

/**
 * Whether what makes a verdict inconclusive speaks of the sensor and its machine alone, or of what was before the first fault at `brokenAt`:
 * then playing it again hides nothing of the deployment. A doubt about configuration is never of the sensor alone: a machine that stood still
 * once says nothing of a write that is not shown in the end. Any other that the judge does not lay on the machine is so only beside a
 * machine that was in doubt: callers who were not served as before by the end of the run may never be.
 */
export const isSensorsDoubt = (
  assumptions: readonly Assumption[],
  findings: readonly Finding[],
  brokenAt: number,
): boolean => {
  const unmet = assumptions.filter(({ holds, window }) => !holds && !(window && window[1] <= brokenAt))
  if (unmet.some((assumption) => !assumption.isSensors)) return false
  const open = findings.filter((finding) => finding.outcome === 'inconclusive')
  if (open.some(({ objective, unended }) => OF_CONFIGURATION.has(objective) || unended)) return false
  return unmet.length > 0 || open.every(isOfTheMachine)
}

/** A recovery that could not be measured had too few calls that the machine left alone. */
const isOfTheMachine = ({ objective, measured }: Finding): boolean =>
  OF_THE_MACHINE.has(objective) || (objective === 'recovery' && measured === null)

/** The first screen's sentence. */
export const becauseOf = (
  outcome: VerdictOutcome,
  assumptions: readonly Assumption[],
  findings: readonly Finding[],
): string => {
  if (outcome === 'pass') {
    const outage = findings.find((finding) => finding.objective === 'fullOutage')
    return `All ${findings.length} objectives were met. ${outage?.because ?? ''}`.trim()
  }
  const said = findings.filter((finding) => finding.outcome === outcome).map((finding) => finding.because)
  // What makes a pass worth nothing comes before what could not be measured.
  const doubts = assumptions.filter((assumption) => !assumption.holds).map((assumption) => assumption.because)
  const all = outcome === 'fail' ? said : [...doubts, ...said]
  const [first = 'Nothing was judged.', ...more] = all
  return more.length > 0 ? `${first} And ${more.length} more ${outcome === 'fail' ? 'failed' : 'in doubt'}.` : first
}
