// From the files of a run to its verdicts: the same way when it has just ended and when it is judged again tomorrow.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import { eventsOf } from '../history/event.ts'
import { readHistory } from '../history/read.ts'
import { judge } from '../verdict/judge.ts'
import { isSensorsDoubt } from '../verdict/outcome.ts'
import { exitCodeOfRun, outcomeOfRun } from '../verdict/run-outcome.ts'
import type { Assumption } from '../verdict/verdict.ts'
import { couldNotRun } from './could-not-run.ts'
import { distributionsOf } from './distributions.ts'
import { failedTestIn } from './failed-test.ts'
import { isThere } from './files.ts'
import { imagesThatRan } from './images.ts'
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

/** One scenario's folder, by its record and by what else is known: of a test that goes on nothing. */
export const judged = async (folder: string, beside: readonly Assumption[] = []): Promise<ScenarioReport> => {
  const history = await readHistory(folder)
  const analysis = analyse(history)
  return { folder: folder.split('/').at(-1) ?? folder, verdict: judge(history, analysis, beside), analysis, history }
}

/** By its record, and by what its test, which has ended, said beside it. */
const judgedAfterItsTest = async (folder: string): Promise<ScenarioReport> => judged(folder, await failedTestIn(folder))

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

/** A run as its files have it. */
export interface JudgedRun {
  readonly summary: Summary
  readonly scenarios: readonly ScenarioReport[]
  /** Folders whose record cannot be read: whatever was judged there before says otherwise than the run. */
  readonly unread: readonly string[]
}

/** Judges every scenario of a run from its files alone, and writes nothing. Rejects when the folder holds no run.json. */
export const judgeRun = async (folder: string): Promise<JudgedRun> => {
  const run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunFile
  const [atFault, leftBehind] = await Promise.all([couldNotRun(folder), leftBehindIn(folder)])
  const { scenarios, told, unread } = await judgedScenarios(folder, run, atFault)
  const distributions = distributionsIn(told, scenarios)
  const endedOddly = oddEnd(run, told)
  const attempts = await Promise.all((run.attempts ?? []).map((each) => judgedAgain(folder, each)))
  const shown = {
    scenarios: told,
    distributions,
    attempts,
    isMissing: (run.required ?? run.suite !== undefined) && run.skipped.some(({ optional }) => !optional),
    isAtFault: atFault !== null,
    hasLeftSomething: leftBehind !== undefined,
    hasEndedOddly: endedOddly !== null,
  }
  const outcome = outcomeOfRun(shown)
  const { schema, tookMs, interrupted, ...known } = run
  const summary: Summary = {
    ...known,
    schema: 'firedrill.summary/1',
    outcome,
    exitCode: exitCodeOfRun(outcome, shown),
    tookMs: tookMs ?? null,
    ...(atFault && { couldNotRun: atFault.message }),
    ...(leftBehind !== undefined && { leftBehind }),
    ...(endedOddly !== null && { endedOddly }),
    ...(attempts.length > 0 && { attempts }),
    ...(distributions.length > 0 && { distributions }),
    scenarios: told,
    provenance: provenanceOf(run, told, scenarios),
  }
  return { summary, scenarios, unread }
}

type Told = Summary['scenarios']

/** Each that was asked for: its report where its record is there and can be read, and what is told of it in any case. */
const judgedScenarios = async (
  folder: string,
  run: RunFile,
  atFault: Error | null,
): Promise<Pick<JudgedRun, 'scenarios' | 'unread'> & { readonly told: Told }> => {
  const scenarios: ScenarioReport[] = []
  const told: Told[number][] = []
  const unread: string[] = []
  for (const asked of run.scenarios) {
    const { name, title, folder: own = name } = asked
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
    const played = { name, title, ...whereOf(asked), folder: own }
    told.push({ ...played, outcome, ...(outcome !== 'pass' && { because }), findings })
  }
  return { scenarios, told, unread }
}

const distributionsIn = (told: Told, scenarios: readonly ScenarioReport[]): ReturnType<typeof distributionsOf> =>
  distributionsOf(
    told.flatMap((each) => {
      const { name, folder } = each
      const report = scenarios.find((one) => one.folder === folder)
      if (!report) return []
      const { analysis, history } = report
      return [{ name, folder, ...whereOf(each), analysis, events: history.events }]
    }),
  )

/** What ran, as the scenarios' own records have it. */
const provenanceOf = (run: RunFile, told: Told, scenarios: readonly ScenarioReport[]): Provenance => {
  const settings = scenarios.flatMap((each) => eventsOf(each.history.events, 'run').map((event) => event.settings))
  const played = scenarios.map(({ folder, verdict, history: { events } }) => {
    const on = told.find((each) => each.folder === folder)
    return { where: on?.part ?? verdict.stack, events }
  })
  return {
    ...run.provenance,
    ...imagesThatRan(played, run.provenance.images),
    timings: distinct(settings.map(({ timings }) => timings)),
    lbCheck: distinct(settings.map(({ lbCheck }) => lbCheck)),
  }
}
