// junit.xml: a scenario is a test suite, its verdict and each of its findings are test cases; what is inconclusive is an error, never skipped.
import type { Finding, VerdictOutcome } from '../verdict/verdict.ts'
import { type TimingDistribution, whatOf } from './distributions.ts'
import { escapeText } from './page/markup.ts'
import { becauseOf, sayLimit, sayMeasured, sayRun, sayTeamLimits, type Told, titleOf, toldOf, tookOf } from './say.ts'
import type { ScenarioReport, Summary } from './summary.ts'

/** Renders junit.xml. The values are drawn as they are: redact them first. */
export const renderJunit = (summary: Summary, scenarios: readonly ScenarioReport[]): string => {
  const suites = toldOf(summary, scenarios).map((told) => suiteOf(told, summary))
  const run = runSuite(summary)
  const totals = countsOf([...suites.flatMap(({ cases }) => cases), ...run.cases])
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="firedrill ${escapeText(summary.stack)}" ${totals}${timeOf(summary.tookMs)} timestamp="${escapeText(summary.startedAt)}">
${[run, ...suites].map(suiteXml).join('\n')}
</testsuites>
`
}

interface Case {
  readonly name: string
  readonly className: string
  readonly outcome: VerdictOutcome
  readonly because: string
  readonly body: string
  /** null where nothing was recorded. */
  readonly tookMs: number | null
}

interface Suite {
  readonly name: string
  /** ISO 8601: its own, and the run's where nothing of it was recorded. */
  readonly startedAt: string
  readonly cases: readonly Case[]
  readonly properties: readonly (readonly [name: string, value: string])[]
  readonly out: string
}

const suiteOf = (told: Told, { startedAt }: Summary): Suite => {
  const { entry, report } = told
  const doubts = (report?.verdict.assumptions ?? []).filter(({ holds }) => !holds)
  const limits = sayTeamLimits(entry.findings)
  const whole: Case = {
    name: entry.title,
    className: entry.folder,
    outcome: entry.outcome,
    because: becauseOf(told),
    tookMs: tookOf(told),
    body: doubts.map(({ name, because }) => `${name} does not hold: ${because}`).join('\n'),
  }
  return {
    name: entry.folder,
    startedAt: report?.verdict.startedAt ?? startedAt,
    cases: [whole, ...entry.findings.map((finding) => caseOf(finding, entry.folder))],
    properties: [['folder', entry.folder], ...(limits === '' ? [] : [['limits', limits] as const])],
    out: '',
  }
}

const caseOf = (finding: Finding, className: string): Case => ({
  name: `${titleOf(finding.objective)}: ${sayLimit(finding.objective, finding.demanded)}`,
  className,
  outcome: finding.outcome,
  because: finding.because,
  body: [
    `measured ${sayMeasured(finding)}`,
    ...(finding.culprit === undefined ? [] : [`culprit ${finding.culprit}`]),
    ...(finding.log ?? []).map(({ file, line, text }) => `${file}:${line}: ${text}`),
  ].join('\n'),
  tookMs: 0,
})

const distributionCase = (of: TimingDistribution): Case => ({
  name: whatOf(of),
  className: 'distribution',
  outcome: of.outcome,
  because: `${of.outside.length} of ${of.n} measured times ${of.outside.length === 1 ? 'lies' : 'lie'} outside of what the settings predict.`,
  body: of.outside.map(({ because }) => because).join('\n'),
  tookMs: 0,
})

// The run's own outcome may be worse than every scenario's: when none ran, or one that is required was skipped. What was left behind, and
// an earlier attempt whose doubt stays, no scenario tells, however bad its own outcome is.
const runSuite = (summary: Summary): Suite => {
  const strays = (summary.distributions ?? []).filter(({ outcome }) => outcome !== 'pass')
  const isToldBelow =
    [...summary.scenarios, ...strays].some(({ outcome }) => outcome === summary.outcome) &&
    summary.leftBehind === undefined &&
    summary.endedOddly === undefined &&
    !summary.attempts?.some(({ stays }) => stays)
  const whole: Case = {
    name: 'verdict of the run',
    className: 'run',
    outcome: summary.outcome,
    because: sayRun(summary),
    body: '',
    tookMs: 0,
  }
  return {
    name: 'run',
    startedAt: summary.startedAt,
    cases: [...(summary.outcome === 'pass' || isToldBelow ? [] : [whole]), ...strays.map(distributionCase)],
    properties: [
      ['run', summary.run],
      ['outcome', summary.outcome],
      ['seed', String(summary.seed)],
      ['stack', summary.stack],
      ['defect', summary.defect ?? 'none'],
      ['harness', summary.provenance.harness.commit ?? summary.provenance.harness.version],
      ...summary.skipped.map(({ name, because: why }) => [`skipped: ${name}`, why] as const),
    ],
    out: summary.skipped.map(({ name, because: why }) => `skipped ${name}: ${why}`).join('\n'),
  }
}

const suiteXml = ({ name, startedAt, cases, properties, out }: Suite): string =>
  `  <testsuite name="${escapeText(name)}" ${countsOf(cases)}${timeOf(sumOf(cases))} timestamp="${escapeText(startedAt)}">
    <properties>
${properties.map(([key, value]) => `      <property name="${escapeText(key)}" value="${escapeText(value)}"/>`).join('\n')}
    </properties>
${cases.map((each) => `${caseXml(each)}\n`).join('')}${out === '' ? '' : `    <system-out>${escapeText(out)}</system-out>\n`}  </testsuite>`

const caseXml = ({ name, className, outcome, because, body, tookMs }: Case): string => {
  const start = `    <testcase name="${escapeText(name)}" classname="${escapeText(className)}"${timeOf(tookMs)}`
  if (outcome === 'pass') return `${start}/>`
  const tag = outcome === 'fail' ? 'failure' : 'error'
  return `${start}>
      <${tag} message="${escapeText(because)}" type="${outcome}">${escapeText(`${because}\n${body}`.trim())}</${tag}>
    </testcase>`
}

const countsOf = (cases: readonly Case[]): string => {
  const count = (outcome: VerdictOutcome): number => cases.filter((each) => each.outcome === outcome).length
  return `tests="${cases.length}" failures="${count('fail')}" errors="${count('inconclusive')}" skipped="0"`
}

const sumOf = (cases: readonly Case[]): number | null =>
  cases.reduce<number | null>((sum, { tookMs }) => (sum === null || tookMs === null ? null : sum + tookMs), 0)

/** The attribute; none where nobody knows: 0 would be a claim. */
const timeOf = (tookMs: number | null): string => (tookMs === null ? '' : ` time="${(tookMs / 1000).toFixed(3)}"`)
