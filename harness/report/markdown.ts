// summary.md: the run for a pull request or a job summary, at most 65,000 bytes, worst scenario first.
import { sayShare } from '../verdict/say.ts'
import type { Finding } from '../verdict/verdict.ts'
import { DISTRIBUTION_HEADINGS, distributionCells } from './distributions.ts'
import {
  becauseOf,
  EXIT_MEANINGS,
  sayDate,
  sayInstant,
  sayLength,
  sayLimit,
  sayMeasured,
  sayMemory,
  sayMet,
  sayNumber,
  sayRun,
  sayStandIn,
  sayTook,
  sayUsed,
  type Told,
  titleOf,
  toldOf,
  tookOf,
  worstFirst,
  worstToldFirst,
} from './say.ts'
import type { Harness, ScenarioReport, Summary } from './summary.ts'

// GitHub cuts a comment off at 65,536 characters.
const LIMIT_BYTES = 65_000

/** Renders summary.md. The values are drawn as they are: redact them first. */
export const renderMarkdown = (summary: Summary, scenarios: readonly ScenarioReport[]): string => {
  const told = worstToldFirst(toldOf(summary, scenarios))
  const head = [
    heading(summary),
    scenarioTable(told),
    distributions(summary),
    skipped(summary),
    attempts(summary),
    provenance(summary),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
  return cutTo(LIMIT_BYTES, head, told.map(detail))
}

const heading = (summary: Summary): string =>
  `# ${summary.outcome}: failover drill of ${inert(summary.stack)}\n\n${inert(sayRun(summary))} Exit code ${summary.exitCode}, ${EXIT_MEANINGS[summary.exitCode]}.`

const scenarioTable = (told: readonly Told[]): string =>
  tableOf(
    ['Scenario', 'Verdict', 'Because', 'Objectives met', 'Took'],
    told.map((each) => [
      each.entry.folder,
      outcomeOf(each.entry.outcome),
      becauseOf(each),
      sayMet(each.entry.findings),
      sayTook(tookOf(each)),
    ]),
  )

const distributions = ({ distributions: all = [] }: Summary): string => {
  if (all.length === 0) return ''
  const outside = all.flatMap((each) => each.outside.map(({ because }) => `- ${inert(because)}`))
  return [tableOf([...DISTRIBUTION_HEADINGS], all.map(distributionCells)), ...outside].join('\n')
}

const skipped = ({ skipped: left }: Summary): string =>
  left.length === 0
    ? ''
    : `Skipped:\n${left.map(({ name, because }) => `- ${inert(name)}: ${inert(because)}`).join('\n')}`

const attempts = ({ attempts: earlier = [] }: Summary): string =>
  earlier.length === 0
    ? ''
    : `Earlier attempts, as they are judged now:\n${earlier.map(({ name, folder, outcome, because }) => `- ${inert(name)} (${inert(folder)}), ${outcomeOf(outcome)}: ${inert(because)}`).join('\n')}`

const tookOfRun = ({ tookMs }: Summary): string =>
  tookMs === null ? 'how long it took was not recorded' : `took ${sayLength(tookMs)}`

const provenance = (summary: Summary): string => {
  const { harness, judgedBy, timings, lbCheck, machine, composeSha256 } = summary.provenance
  const underTest = sayStandIn(summary)
  return tableOf(
    ['Provenance', ''],
    [
      ['Run', `${summary.run}, ${sayDate(summary.startedAt)}, ${tookOfRun(summary)}`],
      ['Stack', `${summary.stack}, planted defect ${summary.defect ?? 'none'}, seed ${summary.seed}`],
      ...(underTest === null ? [] : [['Under test', underTest] as const]),
      ['Timings and balancer check', `${timings}, ${lbCheck}`],
      ['Harness', sayHarness(harness)],
      ...(judgedBy
        ? [['Judged again', `by ${sayHarness(judgedBy)}; instead of summary.json ${judgedBy.supersedes}`] as const]
        : []),
      [
        'Machine',
        `${machine.os}, kernel ${machine.kernel}, ${machine.cpus} CPUs, ${sayMemory(machine.memoryMb)}, ${machine.engine}`,
      ],
      ['Compose files', composeSha256],
    ],
  )
}

const sayHarness = ({ version, commit, node }: Harness): string =>
  `${version}, commit ${commit ?? 'unknown'}, Node ${node}`

const detail = (told: Told): string => {
  const { entry, report } = told
  const findings = tableOf(
    ['Objective', 'Verdict', 'Measured', 'Demanded', 'Default', 'Because'],
    worstFirst(entry.findings).map((finding) => [
      titleOf(finding.objective),
      outcomeOf(finding.outcome),
      sayMeasured(finding),
      `${sayLimit(finding.objective, finding.demanded)}${finding.demandedBy === 'team' ? ' by the team' : ''}${finding.looser ? ' (looser)' : ''}`,
      finding.default === null ? 'none' : sayLimit(finding.objective, finding.default),
      sentenceOf(finding),
    ]),
  )
  const doubts = (report?.verdict.assumptions ?? [])
    .filter(({ holds }) => !holds)
    .map(({ name, because }) => `- ${inert(name)}: ${inert(because)}`)
  const unsaved = (report?.verdict.unsaved ?? []).map((because) => `- ${inert(because)}`)
  const faults = (report?.verdict.faults ?? []).map(
    (fault, i) =>
      `- F${i + 1}, ${inert(`${fault.kind} ${fault.targets.join(', ')}`)}: in effect ${sayInstant(fault.inEffectAt)}, healed ${sayInstant(fault.healedAt)}, clear ${sayInstant(fault.clearedAt)}`,
  )
  return [
    `## ${outcomeOf(entry.outcome)} ${inert(entry.folder)}`,
    inert(entry.title),
    entry.findings.length > 0 ? findings : 'No objective was judged.',
    doubts.length > 0 ? `Assumptions that do not hold:\n${doubts.join('\n')}` : '',
    unsaved.length > 0 ? `Not saved, and nothing rests on it:\n${unsaved.join('\n')}` : '',
    faults.length > 0 ? `Faults:\n${faults.join('\n')}` : '',
    report ? callers(report) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** How callers were served, a line a lane that lost something. */
const callers = ({ analysis: { lanes, recoveries } }: ScenarioReport): string => {
  const losers = lanes.filter(({ purpose, worstWindows }) => purpose === 'callers' && worstWindows.length > 0)
  if (losers.length === 0) return ''
  return tableOf(
    ['Lane', 'Lost', 'Worst 1 s', 'Worst 10 s', 'Bad time', 'Used of 99.9 % over 30 days', 'First answer since fault'],
    losers.map(({ lane, worstWindows, errorBudgets, outages }) => {
      const worst = (ms: number): string => {
        const window = worstWindows.find(({ lengthMs }) => Math.abs(lengthMs - ms) < 1)
        return window ? sayShare(window.availability) : 'too short'
      }
      const [budget] = errorBudgets
      const latest = recoveries
        .flatMap((each) => (each.lane === lane && each.firstAnswer ? [each.firstAnswer] : []))
        .toSorted((a, b) => b.sinceFault.point - a.sinceFault.point)[0]
      const without = outages.some(({ kind }) => kind === 'full') ? 'its outage followed no fault' : 'never without'
      return [
        lane,
        sayNumber(worstWindows.at(-1)?.lost ?? 0),
        worst(1000),
        worst(10_000),
        sayLength(budget?.badMs ?? 0),
        sayUsed(budget?.used ?? 0),
        latest ? `${latest.censored ? 'more than ' : ''}${sayLength(latest.sinceFault.point)}` : without,
      ]
    }),
  )
}

const sentenceOf = ({ because, culprit }: Finding): string =>
  culprit === undefined ? because : `${because} Culprit: ${culprit}.`

const outcomeOf = (outcome: string): string => (outcome === 'pass' ? 'pass' : `**${outcome}**`)

/** A table; its first row of cells may hold our own emphasis, everything from a run is made inert first. */
const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `|${' --- |'.repeat(heads.length)}`,
    ...rows.map((row) => `| ${row.map(cellOf).join(' | ')} |`),
  ].join('\n')

const cellOf = (text: string): string => (/^(?:pass|\*\*(?:fail|inconclusive)\*\*)$/.test(text) ? text : inert(text))

/** Text that Markdown reads as nothing but text: no markup, no HTML, no links, no mentions. */
const inert = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\\`*_[\]|~#!$]/g, (character) => `\\${character}`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, ':&#47;&#47;')

const cutTo = (limit: number, head: string, details: readonly string[]): string => {
  const note = 'More is left out here for length; index.html has all of it.'
  let text = head
  for (const [i, part] of details.entries()) {
    const next = `${text}\n\n${part}`
    const rest = i < details.length - 1 ? note.length + 3 : 1
    if (Buffer.byteLength(next) + rest > limit) return `${clipped(text, limit - note.length - 3)}\n\n${note}\n`
    text = next
  }
  return `${clipped(text, limit - 1)}\n`
}

/** At most so many bytes, cut at the end of a line. */
const clipped = (text: string, bytes: number): string => {
  if (Buffer.byteLength(text) <= bytes) return text
  const cut = Buffer.from(text).subarray(0, bytes).toString('utf8')
  return cut.slice(0, Math.max(0, cut.lastIndexOf('\n')))
}
