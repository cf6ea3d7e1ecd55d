// One outcome and one sentence over all findings and assumptions.
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
const OF_CONFIGURATION: ReadonlySet<string> = new Set(['lostChanges', 'convergence', 'writeOutage'])

/**
 * Whether what makes a verdict inconclusive speaks of the sensor and its machine alone, or of what was before the first fault at `brokenAt`:
 * then playing it again hides nothing of the deployment. A doubt about configuration is never of the sensor alone: a machine that stood still
 * once says nothing of a write that is not shown in the end.
 */
export const isSensorsDoubt = (
  assumptions: readonly Assumption[],
  findings: readonly Finding[],
  brokenAt: number,
): boolean => {
  const unmet = assumptions.filter(({ holds, window }) => !holds && !(window && window[1] <= brokenAt))
  if (unmet.some((assumption) => !assumption.isSensors)) return false
  const open = findings.filter((finding) => finding.outcome === 'inconclusive')
  return open.every(({ objective }) => !OF_CONFIGURATION.has(objective))
}

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
