// From the files of a run to its verdicts: the same way when it has just ended and when it is judged again tomorrow.
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import { latencyLog } from '../analysis/histogram.ts'
import { eventsOf } from '../history/event.ts'
import { readHistory } from '../history/read.ts'
import { judge } from '../verdict/judge.ts'
import type { VerdictOutcome } from '../verdict/verdict.ts'
import { distributionsOf } from './distributions.ts'
import { writeWhole } from './files.ts'
import { writeVerdict } from './json.ts'
import type { Attempt, Provenance, ScenarioReport, Summary } from './summary.ts'

/** One playing of a scenario. */
export interface AskedScenario {
  readonly name: string
  readonly title: string
  /** Relative to the run's; its name where absent. */
  readonly folder?: string
  /** What it was played on, where a run has several deployments. */
  readonly stack?: string
  /** Which of those it was, but for the first: several may be of one stack. */
  readonly part?: string
  /** Why it was not played: its deployment, one of several, could not be brought up. */
  readonly because?: string
}

/** run.json: what was known when the run began. Everything else is concluded from the scenarios' own files. */
export interface RunFile {
  readonly schema: 'firedrill.run/1'
  readonly run: string
  readonly stack: string
  readonly defect?: string
  readonly seed: number
  /** ISO 8601. */
  readonly startedAt: string
  readonly tookMs?: number
  readonly suite?: string
  /** What was asked for is required to apply: a suite, or scenarios by name. Older runs say it by their suite alone. */
  readonly required?: true
  readonly scenarios: readonly AskedScenario[]
  readonly skipped: Summary['skipped']
  readonly attempts?: readonly Attempt[]
  readonly provenance: Omit<Provenance, 'timings' | 'lbCheck'>
}

/** Judges one scenario's folder and writes its verdict.json, and its latencies as an HdrHistogram log. */
export const judgeScenario = async (folder: string): Promise<ScenarioReport> => {
  const history = await readHistory(folder)
  const analysis = analyse(history)
  const verdict = judge(history, analysis)
  await writeVerdict(folder, verdict)
  await writeWhole(join(folder, 'latency.hlog'), latencyLog(analysis.histograms, verdict.startedAt))
  return { folder: folder.split('/').at(-1) ?? folder, verdict, analysis, history }
}

const worst = (outcomes: readonly VerdictOutcome[]): VerdictOutcome => {
  if (outcomes.includes('fail')) return 'fail'
  return outcomes.includes('inconclusive') || outcomes.length === 0 ? 'inconclusive' : 'pass'
}

/** A suite's deployments may differ. */
const distinct = (said: readonly string[]): string => [...new Set(said)].join('; ') || 'unknown'

const LEFT_BEHIND = 'left-behind.json'

/** Writes down what would not go: the verdicts of the run stand, and the run as a whole says it too. */
export const writeLeftBehind = (folder: string, because: string): Promise<void> =>
  writeFile(join(folder, LEFT_BEHIND), JSON.stringify({ because }))

/** Takes that back: what would not go is gone after all. */
export const forgetLeftBehind = (folder: string): Promise<void> => rm(join(folder, LEFT_BEHIND), { force: true })

const leftBehindIn = async (folder: string): Promise<string | undefined> => {
  const text = await readFile(join(folder, LEFT_BEHIND), 'utf8').catch(() => null)
  return text === null ? undefined : (JSON.parse(text) as { because: string }).because
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 2 } as const

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

/** A scenario that was asked for and left no history: nothing is known of it, which is never a pass. */
const unheard = ({ because, ...asked }: AskedScenario): Summary['scenarios'][number] => ({
  ...asked,
  outcome: 'inconclusive',
  ...(because !== undefined && { because: `It could not be played: ${because}` }),
  folder: asked.folder ?? asked.name,
  findings: [],
})

const whereOf = ({ stack, part }: Pick<AskedScenario, 'stack' | 'part'>): Pick<AskedScenario, 'stack' | 'part'> => ({
  ...(stack !== undefined && { stack }),
  ...(part !== undefined && { part }),
})

/** Judges every scenario of a run from its files alone. Rejects when the folder holds no run.json. */
export const judgeRun = async (
  folder: string,
): Promise<{ readonly summary: Summary; readonly scenarios: readonly ScenarioReport[] }> => {
  const run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunFile
  const scenarios: ScenarioReport[] = []
  const told: Summary['scenarios'][number][] = []
  for (const asked of run.scenarios) {
    const own = asked.folder ?? asked.name
    if (!(await isThere(join(folder, own, 'history.jsonl')))) {
      told.push(unheard(asked))
      continue
    }
    const report = await judgeScenario(join(folder, own))
    scenarios.push(report)
    const { outcome, findings, because } = report.verdict
    const { name, title } = asked
    const played = { name, title, ...whereOf(asked), folder: own }
    told.push({ ...played, outcome, ...(outcome !== 'pass' && { because }), findings })
  }
  const leftBehind = await leftBehindIn(folder)
  const distributions = distributionsOf(
    told.flatMap((each) => {
      const { name, folder: own } = each
      const report = scenarios.find((one) => one.folder === own)
      return report ? [{ name, folder: own, ...whereOf(each), analysis: report.analysis }] : []
    }),
  )
  const outcomes = [...told, ...distributions].map((each) => each.outcome)
  // What is required and a deployment does not have was not shown.
  const isRequired = run.required ?? run.suite !== undefined
  const isUnshown = leftBehind !== undefined || (isRequired && run.skipped.length > 0)
  const hasDoubt = isUnshown || (run.attempts ?? []).some(({ stays }) => stays)
  const outcome = worst(hasDoubt ? [...outcomes, 'inconclusive'] : outcomes)
  const settings = scenarios.flatMap((each) => eventsOf(each.history.events, 'run').map((event) => event.settings))
  const { schema, tookMs, ...known } = run
  return {
    summary: {
      ...known,
      schema: 'firedrill.summary/1',
      outcome,
      exitCode: EXIT_CODES[outcome],
      tookMs: tookMs ?? 0,
      ...(leftBehind !== undefined && { leftBehind }),
      ...(distributions.length > 0 && { distributions }),
      scenarios: told,
      provenance: {
        ...run.provenance,
        timings: distinct(settings.map(({ timings }) => timings)),
        lbCheck: distinct(settings.map(({ lbCheck }) => lbCheck)),
      },
    },
    scenarios,
  }
}
