// How a report says numbers, limits and outcomes: the same words in the terminal, HTML, Markdown and JUnit.
import { sayApart, sayMs } from '../time/duration.ts'
import { amountOf, isAtLeast } from '../verdict/limits.ts'
import type { Objectives } from '../verdict/objectives.ts'
import { sayList, sayShare } from '../verdict/say.ts'
import type { Finding, VerdictOutcome } from '../verdict/verdict.ts'
import { standIns } from './images.ts'
import type { ScenarioReport, Summary } from './summary.ts'

const TITLES: Readonly<Record<keyof Objectives, string>> = {
  fullOutage: 'Full outage',
  partialOutage: 'Partial outage',
  lostCalls: 'Lost calls',
  lostOnReturn: 'Lost calls on return',
  lostTime: 'Lost time',
  availability: 'Availability',
  p50: 'Latency p50',
  p99: 'Latency p99',
  p999: 'Latency p99.9',
  p99VsSteady: 'Latency p99 against steady',
  recoveredP99: 'Latency p99, recovered',
  recoveredP99VsSteady: 'Latency p99, recovered, against steady',
  ejection: 'Ejection',
  readmission: 'Readmission',
  emptied: 'Rotation emptied',
  admittedUnconfigured: 'Admitted unconfigured',
  recovery: 'Recovery',
  convergence: 'Convergence',
  writeOutage: 'Write outage',
  unansweredChanges: 'Unanswered changes',
  dashboards: 'Serving Dashboards',
  storeAge: 'Age of the fallback',
  dashboardOutage: 'Dashboard outage',
  uiStall: 'Dashboard stall',
  signOuts: 'Sign-outs',
  lostChanges: 'Lost changes',
  duplicates: 'Duplicates',
  survivors: 'Survivors',
  headroom: 'Headroom',
  imbalance: 'Imbalance',
}

/** 'fullOutage' as a heading: 'Full outage'. An objective that is not ours keeps its own name. */
export const titleOf = (objective: string): string =>
  Object.hasOwn(TITLES, objective) ? TITLES[objective as keyof Objectives] : objective

/** A limit as a person reads it: 'at most 250 ms', 'at least 2', 'at most 2 x steady'; one that is no number as it is. */
export const sayLimit = (objective: string, limit: string | number): string => {
  if (amountOf(limit) === null) return String(limit)
  return `${isAtLeast(objective) ? 'at least' : 'at most'} ${sayDemanded(objective, limit)}`
}

/** The same where there is little room: '≤ 250 ms', '≥ 2'. */
export const signLimit = (objective: string, limit: string | number): string => {
  if (amountOf(limit) === null) return String(limit)
  return `${isAtLeast(objective) ? '\u2265' : '\u2264'}\u00A0${sayDemanded(objective, limit).replaceAll(' ', '\u00A0')}`
}

/** A limit alone, with every digit that it was written with: '250 ms'. */
export const sayDemanded = (objective: string, limit: string | number): string => {
  if (typeof limit === 'number')
    return objective === 'availability'
      ? sayPromised(limit)
      : limit.toLocaleString('en-US', { maximumFractionDigits: 12 })
  const factor = /^(\d+(?:\.\d+)?)x$/.exec(limit)
  if (factor) return objective === 'imbalance' ? `${factor[1]} x` : `${factor[1]} x steady`
  return limit.replace(/^(\d+(?:\.\d+)?)(ms|s|m|h)$/, (_, amount, unit) => `${amount} ${unit === 'm' ? 'min' : unit}`)
}

const sayPromised = (share: number): string => {
  if (share >= 1 || share <= 0) return sayShare(share)
  const [whole, decimals = ''] = String(Number((share * 100).toPrecision(12))).split('.')
  return `${whole}.${decimals.padEnd(2, '0')} %`
}

/** What a finding measured, with its unit, and as many digits as tell it from its limit; 'not measured' when nothing could be. */
export const sayMeasured = ({
  measured,
  unit,
  objective,
  demanded = '',
  outcome,
}: Pick<Finding, 'measured' | 'unit' | 'objective'> & Partial<Pick<Finding, 'demanded' | 'outcome'>>): string => {
  if (measured === null || !Number.isFinite(measured)) return outcome === 'pass' ? 'within the limit' : 'not measured'
  if (unit === 'calls') return `${sayNumber(measured)} ${measured === 1 ? 'call' : 'calls'}`
  if (unit === 'count') return sayNumber(measured)
  if (unit === 'ms' && measured === 0) return '0 ms'
  const say = unit === 'ms' ? sayMs : objective === 'availability' ? sayShare : sayTimes
  const limit = amountOf(demanded)
  if (limit?.in !== (unit === 'ms' ? 'ms' : 'number')) return say(measured)
  return sayApart(measured, limit.amount, say)[0]
}

const sayTimes = (factor: number, more = 0): string => `${factor.toFixed(2 + more)} x`

/** A number of things: '1,998'. */
export const sayNumber = (count: number): string => count.toLocaleString('en-US', { maximumFractionDigits: 2 })

/** A share of a budget, which may be more than all of it: '0.0386 %', '312 %'. */
export const sayUsed = (share: number): string => (share === 0 ? '0 %' : `${Number((share * 100).toPrecision(3))} %`)

/** A length of time; nothing at all is '0 ms', not '0.00 ms'. */
export const sayLength = (lengthMs: number): string => (lengthMs === 0 ? '0 ms' : sayMs(lengthMs))

/** An instant of the run: '8.00 s'. */
export const sayInstant = (atMs: number | null | undefined): string =>
  atMs === null || atMs === undefined || !Number.isFinite(atMs) ? 'not seen' : `${(atMs / 1000).toFixed(2)} s`

/** '2026-11-20 14:02:11 UTC'; text that is no date stays as it is. */
export const sayDate = (iso: string): string => {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** '6 of 7': objectives met, of those that were judged. */
export const sayMet = (findings: readonly Finding[]): string =>
  `${findings.filter(({ outcome }) => outcome === 'pass').length} of ${findings.length}`

/** '2 of its 9 limits are the team's own, 1 of them looser than the default.' Empty where none is. */
export const sayTeamLimits = (findings: readonly Finding[]): string => {
  const own = findings.filter(isTeams)
  if (own.length === 0) return ''
  return `${own.length} of its ${findings.length} limits ${sayOwn(own)}`
}

const isTeams = ({ demandedBy }: Finding): boolean => demandedBy === 'team'

const sayOwn = (own: readonly Finding[]): string =>
  `${own.length === 1 ? 'is' : 'are'} the team’s own, ${own.filter(({ looser }) => looser).length || 'none'} of them looser than the default.`

/** Findings with those that were missed first, then those in doubt. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => URGENCY[a.outcome] - URGENCY[b.outcome])

const URGENCY: Readonly<Record<VerdictOutcome, number>> = { fail: 0, inconclusive: 1, pass: 2 }

/** What is under test, where it is not what somebody will run: 'firedrill’s own stand-in for …'; null where none of it ran. */
export const sayStandIn = ({ scenarios, provenance }: Pick<Summary, 'scenarios' | 'provenance'>): string | null => {
  const names = scenarios.length > 0 ? standIns(provenance.images) : []
  return names.length === 0 ? null : `firedrill’s own stand-in for ${sayList(names)}, not the vendor’s images`
}

/** What the exit code tells whoever called us. */
export const EXIT_MEANINGS: Readonly<Record<Summary['exitCode'], string>> = {
  0: 'pass: every objective was met and the evidence is sound',
  1: 'fail: an objective was missed, or a measured time lies outside of what the settings predict, on sound evidence',
  2: 'inconclusive: not everything that was asked for was proven, so the run does not pass',
  3: 'the machine or the request is at fault, not the deployment',
}

/** The run in one sentence: '1 of 4 scenarios failed; 3 passed.' */
export const sayRun = (summary: Summary): string => {
  const { couldNotRun, outcome } = summary
  if (couldNotRun === undefined) return sayPlayed(summary)
  if (outcome === 'fail') return `${sayPlayed(summary)} The rest could not be run: ${couldNotRun}`
  return `It could not be run: ${couldNotRun}${sayLeft(summary)}`
}

const sayPlayed = ({
  scenarios,
  skipped,
  leftBehind,
  endedOddly,
  suite,
  required,
  distributions = [],
  attempts = [],
}: Summary): string => {
  if (scenarios.length === 0) return `No scenario was run.${sayLeft({ leftBehind })}`
  const counts = (['fail', 'inconclusive', 'pass'] as const)
    .map((outcome) => ({ outcome, count: scenarios.filter((each) => each.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
  const total = scenarios.length
  const [first, ...others] = counts.map(({ outcome, count }) => ({ verb: VERBS[outcome](count), count }))
  if (!first) return 'No scenario was run.'
  const start = first.count === total && total > 1 ? `All ${total}` : `${first.count} of ${total}`
  const rest = others.map(({ verb, count }) => `; ${count} ${verb}`).join('')
  const optional = skipped.filter((each) => each.optional)
  const missed = skipped.filter((each) => !each.optional)
  const isOne = missed.length === 1
  const byName = required ? `, though ${isOne ? 'it was' : 'they were'} asked for by name` : ''
  const demand = suite === undefined ? byName : `, and the suite ${suite} requires ${isOne ? 'it' : 'them'}`
  const left = saySkipped(missed.length, demand) + saySkipped(optional.length)
  const outside = distributions.reduce((sum, each) => sum + each.outside.length, 0)
  const strays =
    outside === 0
      ? ''
      : ` ${outside} measured ${outside === 1 ? 'time lies' : 'times lie'} outside of what the settings predict.`
  const residue = sayLeft({ leftBehind })
  const odd =
    endedOddly === undefined
      ? ''
      : ` Playwright ended ${endedOddly} all the same: something that it played left no record, and what that was is on the terminal.`
  const doubted = attempts.filter(({ stays }) => stays).length
  const failed = attempts.filter(({ outcome }) => outcome === 'fail').length
  const earlier = (count: number): string => ` ${count} earlier ${count === 1 ? 'attempt' : 'attempts'}`
  const doubts =
    (failed === 0 ? '' : `${earlier(failed)} failed.`) +
    (doubted === 0 ? '' : `${earlier(doubted)} proved nothing for a reason that may be the deployment’s own.`)
  const eased = scenarios.filter(({ findings }) => findings.some(isTeams))
  const own = eased.flatMap(({ findings }) => findings.filter(isTeams))
  const limits =
    own.length === 0
      ? ''
      : ` ${own.length} ${own.length === 1 ? 'limit' : 'limits'} in ${eased.length} ${eased.length === 1 ? 'scenario' : 'scenarios'} ${sayOwn(own)}`
  return `${start} ${total === 1 ? 'scenario' : 'scenarios'} ${first.verb}${rest}.${limits}${left}${doubts}${strays}${odd}${residue}`
}

const saySkipped = (count: number, demand = ''): string =>
  count === 0 ? '' : ` ${count} did not apply and ${count === 1 ? 'was' : 'were'} skipped${demand}.`

const sayLeft = ({ leftBehind }: { readonly leftBehind?: string | undefined }): string =>
  leftBehind === undefined ? '' : ` Not everything was taken down: ${leftBehind}. Run \`npm run clean\`.`

const VERBS: Readonly<Record<VerdictOutcome, (count: number) => string>> = {
  pass: () => 'passed',
  fail: () => 'failed',
  inconclusive: (count) => (count === 1 ? 'is inconclusive' : 'are inconclusive'),
}

/** One scenario of the summary beside the report that tells it, when there is one. */
export interface Told {
  readonly entry: Summary['scenarios'][number]
  readonly report: ScenarioReport | undefined
}

/** Every scenario of the summary, in its order, with its report. */
export const toldOf = (summary: Summary, scenarios: readonly ScenarioReport[]): readonly Told[] =>
  summary.scenarios.map((entry) => ({ entry, report: scenarios.find((each) => each.folder === entry.folder) }))

/** Those that failed first, then those that proved nothing: of many that passed nobody looks for the one that did not. Else in their order. */
export const worstToldFirst = (told: readonly Told[]): readonly Told[] =>
  told.toSorted((a, b) => URGENCY[a.entry.outcome] - URGENCY[b.entry.outcome])

/** Why a scenario ended as it did, in one sentence, and another one where a team's own limits were applied to it. */
export const becauseOf = (told: Told): string => [reasonOf(told), sayTeamLimits(told.entry.findings)].join(' ').trim()

const reasonOf = ({ entry, report }: Told): string => {
  if (report) return report.verdict.because
  if (entry.because !== undefined) return entry.because
  const worst = entry.findings.find((finding) => finding.outcome === entry.outcome && entry.outcome !== 'pass')
  return worst?.because ?? 'Nothing but its line in summary.json was kept of this scenario.'
}

/** '23.4 GiB', or '100 MiB' where it is less than one of those. */
export const sayMemory = (mib: number): string =>
  mib < 1024 ? `${sayRounded(mib)} MiB` : `${sayRounded(mib / 1024)} GiB`

const sayRounded = (amount: number): string => amount.toLocaleString('en-US', { maximumFractionDigits: 1 })

/** '12.3 s', of what may have left no record of how long it took. */
export const sayTook = (tookMs: number | null): string => (tookMs === null ? 'not recorded' : sayLength(tookMs))

/** How long a scenario took by its own record, ms; null when nothing was recorded. */
export const tookOf = ({ report }: Told): number | null => {
  const windows = report ? Object.values(report.analysis.phases).filter((window) => window !== null) : []
  return windows.length === 0 ? null : Math.max(...windows.map((window) => window[1]))
}
