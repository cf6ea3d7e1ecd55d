// One outcome and one sentence over all findings and assumptions.
import { isObjective } from './limits.ts'
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

/**
 * Who is to blame, as a rule, where nobody could say whether an objective is met. The machine: its judge weighs that in itself, and else says
 * yes or no. The configuration: the deployment may be, whatever the machine did. The deployment: so is it, but beside a machine in doubt.
 */
const OPEN_BY: Readonly<Record<keyof Objectives, 'machine' | 'configuration' | 'deployment'>> = {
  fullOutage: 'machine',
  partialOutage: 'machine',
  lostCalls: 'machine',
  lostOnReturn: 'machine',
  lostTime: 'machine',
  availability: 'machine',
  p50: 'machine',
  p99: 'machine',
  p999: 'machine',
  p99VsSteady: 'machine',
  recoveredP99: 'machine',
  recoveredP99VsSteady: 'machine',
  ejection: 'deployment',
  readmission: 'deployment',
  emptied: 'deployment',
  admittedUnconfigured: 'deployment',
  recovery: 'deployment',
  convergence: 'configuration',
  writeOutage: 'configuration',
  unansweredChanges: 'deployment',
  dashboards: 'deployment',
  storeAge: 'deployment',
  dashboardOutage: 'machine',
  uiStall: 'machine',
  signOuts: 'deployment',
  lostChanges: 'configuration',
  duplicates: 'deployment',
  survivors: 'deployment',
  headroom: 'machine',
  imbalance: 'deployment',
}

const openBy = ({ objective }: Finding): 'machine' | 'configuration' | 'deployment' =>
  isObjective(objective) ? OPEN_BY[objective] : 'deployment'

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
  if (open.some((finding) => openBy(finding) === 'configuration' || finding.unended)) return false
  return unmet.length > 0 || open.every(isOfTheMachine)
}

/** A recovery that could not be measured had too few calls that the machine left alone. */
const isOfTheMachine = (finding: Finding): boolean =>
  openBy(finding) === 'machine' || (finding.objective === 'recovery' && finding.measured === null)

/** The first screen's sentence. */
export const leadSentence = (
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
