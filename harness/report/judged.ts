// From the files of a run to its verdicts: the same way when it has just ended and when it is judged again tomorrow.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import { latencyLog } from '../analysis/histogram.ts'
import { eventsOf } from '../history/event.ts'
import { readHistory } from '../history/read.ts'
import { judge } from '../verdict/judge.ts'
import { isSensorsDoubt } from '../verdict/outcome.ts'
import type { Assumption, VerdictOutcome } from '../verdict/verdict.ts'
import { couldNotRun } from './could-not-run.ts'
import { distributionsOf } from './distributions.ts'
import { failedTestIn } from './failed-test.ts'
import { isThere, unwritten, writeWhole } from './files.ts'
import { imagesThatRan } from './images.ts'
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
  /** How Playwright ended that was to play it; absent where it never began, and in older runs. */
  readonly ended?: Ended
}

/** How a program ended: with its exit code, or by a signal. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: string | null
}

/** run.json: what was known when the run began. Everything else is concluded from the scenarios' own files. */
export interface RunFile {
  readonly schema: 'firedrill.run/1'
  readonly run: string
  readonly stack: string
  readonly defect?: string
  /** The limits that a team gave, by scenario; whether they were applied stands in each scenario's claim. */
  readonly objectives?: NonNullable<Summary['objectives']>
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
  /** Somebody interrupted it: what has no history was not played for that reason. */
  readonly interrupted?: true
  readonly provenance: Omit<Provenance, 'timings' | 'lbCheck'>
}

/** Judges one scenario's folder while its test goes on, and writes its verdict.json, and its latencies as an HdrHistogram log. */
export const judgeScenario = async (folder: string): Promise<ScenarioReport> => {
  const report = await judged(folder, [])
  await writeVerdict(folder, report.verdict)
  await writeLatencies(folder, report)
  return report
}

const judged = async (folder: string, beside: readonly Assumption[]): Promise<ScenarioReport> => {
  const history = await readHistory(folder)
  const analysis = analyse(history)
  return { folder: folder.split('/').at(-1) ?? folder, verdict: judge(history, analysis, beside), analysis, history }
}

/** By its record, and by what its test, which has ended, said beside it. */
const judgedAfterItsTest = async (folder: string): Promise<ScenarioReport> => judged(folder, await failedTestIn(folder))

const LATENCIES = 'latency.hlog'

const writeLatencies = async (folder: string, { verdict, analysis }: ScenarioReport): Promise<void> =>
  writeWhole(join(folder, LATENCIES), latencyLog(analysis.histograms, verdict.startedAt))

/** Names what could not be written. */
const writeJudged = async (folder: string, report: ScenarioReport): Promise<readonly string[]> => [
  ...(await unwritten(`${report.folder}/verdict.json`, () => writeVerdict(folder, report.verdict))),
  ...(await unwritten(`${report.folder}/${LATENCIES}`, () => writeLatencies(folder, report))),
]

/** What was judged while the record could be read says otherwise than the run: it is kept under a name that nobody takes for it. Names what would not go. */
const setJudgedAside = async (folder: string, own: string): Promise<readonly string[]> => {
  const aside = ['verdict.json', LATENCIES].map((name) => {
    const file = join(folder, own, name)
    return unwritten(`${own}/${name}`, async () => {
      if (await isThere(file)) await rename(file, `${file}.earlier`)
    })
  })
  return (await Promise.all(aside)).flat()
}

const worst = (outcomes: readonly VerdictOutcome[]): VerdictOutcome => {
  if (outcomes.includes('fail')) return 'fail'
  return outcomes.includes('inconclusive') || outcomes.length === 0 ? 'inconclusive' : 'pass'
}

/** A suite's deployments may differ. Each of the words may have semicolons of its own. */
const distinct = (said: readonly string[]): string => [...new Set(said)].join(', or ') || 'unknown'

const LEFT_BEHIND = 'left-behind.json'

/** Writes down what would not go: the verdicts of the run stand, and the run as a whole says it too. */
export const writeLeftBehind = (folder: string, because: string): Promise<void> =>
  writeFile(join(folder, LEFT_BEHIND), JSON.stringify({ because }))

/** Takes that back: what would not go is gone after all. */
export const forgetLeftBehind = (folder: string): Promise<void> => rm(join(folder, LEFT_BEHIND), { force: true })

const leftBehindIn = async (folder: string): Promise<string | undefined> => {
  const text = await readFile(join(folder, LEFT_BEHIND), 'utf8').catch(() => null)
  if (text === null) return undefined
  try {
    return (JSON.parse(text) as { because: string }).because
  } catch {
    // It was begun, and its disk was full.
    return `what it was could not be read from ${LEFT_BEHIND}`
  }
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 2 } as const

const STAYS = 'The deployment itself may be to blame for that, so the run does not pass, whatever was played after it.'

/**
 * What is told of a playing that was set aside to be played again. Before anything was broken there is no failover that another playing could hide.
 * A fault that nobody saw land broke nothing; one that some saw, and others contradict (a stop that ended by SIGKILL), did.
 */
export const attemptOf = (
  { verdict, analysis }: Pick<ScenarioReport, 'verdict' | 'analysis'>,
  where: Pick<Attempt, 'name' | 'folder'>,
): Attempt => {
  const { outcome, because, assumptions, findings } = verdict
  const broken = analysis.faults.find(({ wasSeen }) => wasSeen)
  const isOpen = outcome === 'inconclusive' && broken !== undefined
  if (!isOpen || isSensorsDoubt(assumptions, findings, broken.intendedAt)) return { ...where, outcome, because }
  return { ...where, outcome, because: `${because} ${STAYS}`, stays: true }
}

/** By the judge of today, as everything else; as it was concluded then, where its record is not there or cannot be read. */
const judgedAgain = async (folder: string, attempt: Attempt): Promise<Attempt> => {
  const report = await judgedAfterItsTest(join(folder, attempt.folder)).catch(() => null)
  return report ? attemptOf(report, { name: attempt.name, folder: attempt.folder }) : attempt
}

/** A scenario that was asked for and left no history: nothing is known of it, which is never a pass. */
const unheard = (
  { name, title, folder = name, ...asked }: AskedScenario,
  { interrupted }: RunFile,
  atFault: Error | null,
): Summary['scenarios'][number] => ({
  name,
  title,
  ...whereOf(asked),
  outcome: 'inconclusive',
  because: whyUnheard({ ...asked, ...(atFault && { because: atFault.message }) }, interrupted === true),
  folder,
  findings: [],
})

const whyUnheard = ({ because, ended }: Pick<AskedScenario, 'because' | 'ended'>, isInterrupted: boolean): string => {
  if (because !== undefined) return `It could not be played: ${because}`
  if (isInterrupted) return 'It was not played: the run was interrupted before.'
  if (ended === undefined) return 'It was not played, and nobody wrote down why: the drill itself was ended before.'
  return `It was not played: Playwright ended ${sayEnd(ended)} before, and what it said of that is on the terminal.`
}

const sayEnd = ({ exitCode, signal }: Ended): string =>
  signal === null ? `with exit code ${exitCode}` : `by ${signal}`

/**
 * How Playwright ended that played a deployment's scenarios, in words, where each of them passed and it ended as if one had not: something that
 * it played left no record. Null where it is not so.
 */
const oddEnd = ({ scenarios }: RunFile, told: Summary['scenarios']): string | null => {
  const deployments = Map.groupBy(scenarios, ({ stack, part }) => `${stack} ${part}`)
  for (const each of deployments.values()) {
    const folders = each.map(({ name, folder = name }) => folder)
    const ended = each.find((scenario) => scenario.ended)?.ended
    const isPass = told.every(({ folder, outcome }) => !folders.includes(folder) || outcome === 'pass')
    if (ended && ended.exitCode !== 0 && isPass) return sayEnd(ended)
  }
  return null
}

const whereOf = ({ stack, part }: Pick<AskedScenario, 'stack' | 'part'>): Pick<AskedScenario, 'stack' | 'part'> => ({
  ...(stack !== undefined && { stack }),
  ...(part !== undefined && { part }),
})

/** A scenario whose record cannot be read: nothing is known of it either, and what is known of the others stands. */
const unjudged = (asked: AskedScenario, folder: string, error: Error): Summary['scenarios'][number] => ({
  name: asked.name,
  title: asked.title,
  ...whereOf(asked),
  folder: asked.folder ?? asked.name,
  outcome: 'inconclusive',
  // Where the run lies on this machine is nobody's.
  because: `It could not be judged: ${error.message.replaceAll(`${folder}/`, '')}`,
  findings: [],
})

/**
 * Judges every scenario of a run from its files alone, then writes what was judged; `unwritten` names what could not be. Rejects when
 * the folder holds no run.json.
 */
export const judgeRun = async (
  folder: string,
): Promise<{
  readonly summary: Summary
  readonly scenarios: readonly ScenarioReport[]
  readonly unwritten: readonly string[]
}> => {
  const run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunFile
  const atFault = await couldNotRun(folder)
  const scenarios: ScenarioReport[] = []
  const told: Summary['scenarios'][number][] = []
  const unread: string[] = []
  for (const asked of run.scenarios) {
    const own = asked.folder ?? asked.name
    if (!(await isThere(join(folder, own, 'history.jsonl')))) {
      told.push(unheard(asked, run, atFault))
      continue
    }
    const report = await judgedAfterItsTest(join(folder, own)).catch((error: Error) => error)
    if (report instanceof Error) {
      told.push(unjudged(asked, folder, report))
      unread.push(own)
      continue
    }
    scenarios.push(report)
    const { outcome, findings, because } = report.verdict
    const { name, title } = asked
    const played = { name, title, ...whereOf(asked), folder: own }
    told.push({ ...played, outcome, ...(outcome !== 'pass' && { because }), findings })
  }
  const missing: string[] = []
  for (const report of scenarios) missing.push(...(await writeJudged(join(folder, report.folder), report)))
  for (const own of unread) missing.push(...(await setJudgedAside(folder, own)))
  const leftBehind = await leftBehindIn(folder)
  const distributions = distributionsOf(
    told.flatMap((each) => {
      const { name, folder: own } = each
      const report = scenarios.find((one) => one.folder === own)
      if (!report) return []
      const { analysis, history } = report
      return [{ name, folder: own, ...whereOf(each), analysis, events: history.events }]
    }),
  )
  const endedOddly = oddEnd(run, told)
  const attempts = await Promise.all((run.attempts ?? []).map((each) => judgedAgain(folder, each)))
  const failedBefore = attempts.filter(({ outcome }) => outcome === 'fail')
  const outcomes = [...told, ...distributions, ...failedBefore].map((each) => each.outcome)
  // What is required and a deployment does not have was not shown.
  const isRequired = run.required ?? run.suite !== undefined
  const isUnshown =
    atFault !== null ||
    leftBehind !== undefined ||
    endedOddly !== null ||
    (isRequired && run.skipped.some(({ optional }) => !optional))
  const hasDoubt = isUnshown || attempts.some(({ stays }) => stays)
  const outcome = worst(hasDoubt ? [...outcomes, 'inconclusive'] : outcomes)
  const settings = scenarios.flatMap((each) => eventsOf(each.history.events, 'run').map((event) => event.settings))
  const played = scenarios.map(({ folder: own, verdict, history: { events } }) => {
    const on = told.find((each) => each.folder === own)
    return { where: on?.part ?? verdict.stack, events }
  })
  const { schema, tookMs, interrupted, ...known } = run
  return {
    summary: {
      ...known,
      schema: 'firedrill.summary/1',
      outcome,
      // A failure stands, whatever became of the rest of the run.
      exitCode: atFault && outcome !== 'fail' ? 3 : EXIT_CODES[outcome],
      tookMs: tookMs ?? null,
      ...(atFault && { couldNotRun: atFault.message }),
      ...(leftBehind !== undefined && { leftBehind }),
      ...(endedOddly !== null && { endedOddly }),
      ...(attempts.length > 0 && { attempts }),
      ...(distributions.length > 0 && { distributions }),
      scenarios: told,
      provenance: {
        ...run.provenance,
        ...imagesThatRan(played, run.provenance.images),
        timings: distinct(settings.map(({ timings }) => timings)),
        lbCheck: distinct(settings.map(({ lbCheck }) => lbCheck)),
      },
    },
    scenarios,
    unwritten: missing,
  }
}
