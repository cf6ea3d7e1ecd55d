// What the terminal says: one line a second while a scenario runs, and the verdict at the end. Plain ASCII, colour only where it is wanted.
import { stripVTControlCharacters } from 'node:util'
import type { VerdictOutcome } from '../verdict/verdict.ts'
import { distributionCells, type TimingDistribution } from './distributions.ts'
import {
  becauseOf,
  EXIT_MEANINGS,
  sayLength,
  sayLimit,
  sayMeasured,
  sayRun,
  type Told,
  titleOf,
  toldOf,
  tookOf,
  worstFirst,
} from './say.ts'
import type { ScenarioReport, Summary } from './summary.ts'

/** How a scenario stands at this moment. */
export interface Snapshot {
  readonly scenario: string
  readonly phase: string
  readonly callsPerSecond: number
  /** Of the last second's calls, 0 to 1; null where there were none. */
  readonly answeredShare: number | null
  /** null while nothing was answered. */
  readonly p99Ms: number | null
  readonly faultsInEffect: readonly string[]
  readonly elapsedMs: number
}

interface Look {
  readonly color?: boolean
}

/** One line of at most 100 columns: what runs, in which phase, how callers fare, what is broken. */
export const progressLine = (snapshot: Snapshot, { color = wantsColor() }: Look = {}): string => {
  const { scenario, phase, callsPerSecond, answeredShare, p99Ms, faultsInEffect, elapsedMs } = snapshot
  const share =
    answeredShare === null ? 'nothing called' : `${(Math.floor(answeredShare * 1000) / 10).toFixed(1)} % answered`
  const p99 = `p99 ${p99Ms === null || !Number.isFinite(p99Ms) ? 'unknown' : sayLength(p99Ms)}`
  const plain = [
    `${(elapsedMs / 1000).toFixed(0).padStart(4)} s`,
    fit(ascii(phase), 9).padEnd(9),
    `${Math.round(callsPerSecond)} calls/s`.padStart(12),
    share.padStart(16),
    `${p99.padEnd(11)} `,
  ].join(' ')
  const start =
    color && answeredShare !== null && answeredShare < 1 ? plain.replace(share, paint(share, 'fail')) : plain
  const room = COLUMNS - plain.length
  return `${start}${whatRuns({ scenario: ascii(scenario), faults: ascii(faultsInEffect.join(', ')) }, { color, room })}`.trimEnd()
}

const COLUMNS = 100

// Where there is no room for both, what is broken matters more than the scenario, which a heading above has named.
const whatRuns = (
  { scenario, faults }: { readonly scenario: string; readonly faults: string },
  { color, room }: { readonly color: boolean; readonly room: number },
): string => {
  if (faults === '') return fit(scenario, room)
  const start = scenario.length + 2 + faults.length <= room ? `${scenario}: ` : ''
  const said = fit(faults, room - start.length)
  return `${start}${color ? paint(said, 'inconclusive') : said}`
}

/** What is printed at the end: a line a scenario, the reasons of what did not pass, where the report lies, what the exit code means. */
export const verdictLines = (
  summary: Summary,
  scenarios: readonly ScenarioReport[],
  { report, color = wantsColor() }: Look & { readonly report?: string } = {},
): readonly string[] => [
  '',
  ...toldOf(summary, scenarios).flatMap((told) => scenarioLines(told, color)),
  ...(summary.attempts ?? []).map(
    ({ name, folder, outcome, because }) =>
      `earlier       ${ascii(name).padEnd(28)} ${outcome}, see ${ascii(folder)}: ${ascii(because)}`,
  ),
  ...(summary.distributions ?? []).flatMap(distributionLines),
  ...summary.skipped.map(({ name, because }) => `skipped       ${ascii(name).padEnd(28)} ${ascii(because)}`),
  '',
  `${painted(summary.outcome, color)}: ${ascii(sayRun(summary))}`,
  `Report: ${report ?? `reports/runs/${summary.run}/index.html`}`,
  `Exit code ${summary.exitCode}, ${EXIT_MEANINGS[summary.exitCode]}.`,
]

const distributionLines = (of: TimingDistribution): readonly string[] => {
  const [what, played, p50, p95, longest, predicted, verdict] = distributionCells(of).map(ascii)
  return [
    `distribution  ${what}`,
    `              played ${played}, p50 ${p50}, p95 ${p95}, longest ${longest}; predicted ${predicted}: ${verdict}`,
    ...of.outside.map(({ because }) => `              ${ascii(because)}`),
  ]
}

const scenarioLines = (told: Told, color: boolean): readonly string[] => {
  const { entry, report } = told
  const took = tookOf(told)
  const line =
    `${painted(entry.outcome, color)}${' '.repeat(14 - entry.outcome.length)}${ascii(entry.folder).padEnd(28)} ${took === null ? '' : sayLength(took)}`.trimEnd()
  if (entry.outcome === 'pass') return [line]
  const missed = worstFirst(entry.findings).filter(({ outcome }) => outcome !== 'pass')
  return [
    line,
    `    ${ascii(becauseOf(told))}`,
    ...missed.map(
      (finding) =>
        `    ${painted(finding.outcome, color)} ${titleOf(finding.objective)}: measured ${sayMeasured(finding)}, demanded ${sayLimit(finding.objective, finding.demanded)}${finding.culprit === undefined ? '' : `, culprit ${ascii(finding.culprit)}`}`,
    ),
    ...(report?.verdict.assumptions ?? [])
      .filter(({ holds }) => !holds)
      .map(({ name, because }) => `    does not hold: ${ascii(name)}: ${ascii(because)}`),
  ]
}

/** Whether this process may colour what it prints: NO_COLOR forbids it, FORCE_COLOR asks for it, a terminal allows it. */
export const wantsColor = (
  env: NodeJS.ProcessEnv = process.env,
  isTerminal = process.stdout.isTTY === true,
): boolean => {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true
  return isTerminal && env.TERM !== 'dumb'
}

const PAINTS: Readonly<Record<VerdictOutcome, number>> = { pass: 32, fail: 31, inconclusive: 33 }

const painted = (outcome: VerdictOutcome, color: boolean): string => (color ? paint(outcome, outcome) : outcome)

const paint = (text: string, outcome: VerdictOutcome): string => `\u001B[${PAINTS[outcome]}m${text}\u001B[0m`

const TYPOGRAPHY: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u2013': '-',
  '\u2014': '-',
  '\u00A0': ' ',
  '\u2026': '...',
}

/** Printable ASCII on one line: a log line's escape sequences must not reach the reader's terminal. */
export const ascii = (text: string): string =>
  stripVTControlCharacters(text)
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7E]/g, (character) => TYPOGRAPHY[character] ?? '?')

const fit = (text: string, columns: number): string => {
  if (text.length <= columns) return text
  return columns <= 3 ? '' : `${text.slice(0, columns - 3)}...`
}
