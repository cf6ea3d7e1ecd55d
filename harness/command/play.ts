// Plays scenarios in Playwright Test and writes down what a run was asked for; the verdicts come from the files.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeForGood } from '../fault/clearing.ts'
import { endProcesses } from '../fault/processes-of.ts'
import { folderOf, type Options, ROOT } from '../options.ts'
import { COULD_NOT_RUN, couldNotRun, isHeard } from '../report/could-not-run.ts'
import { type AskedScenario, attemptOf, type Ended, judgeRun, type RunFile } from '../report/judged.ts'
import type { Attempt } from '../report/summary.ts'
import { writeJudged } from '../report/write-judged.ts'
import { settlesWithin } from '../time/turns.ts'
import { onHalfOfTheCpus, yieldToOthers } from './process-priority.ts'
import { provenanceOf } from './provenance.ts'
import { filterOf, type ScenarioFile } from './scenarios.ts'

const writeRunFile = async (folder: string, run: RunFile): Promise<void> => {
  await writeFile(join(folder, 'run.json.part'), `${JSON.stringify(run, null, 2)}\n`)
  await rename(join(folder, 'run.json.part'), join(folder, 'run.json'))
}

/** Plays the scenarios in Playwright Test and resolves with how that ended, whichever way: the verdict is in the files. Rejects only where it never began. */
const playInPlaywright = async (
  scenarios: readonly ScenarioFile[],
  env: NodeJS.ProcessEnv,
  isInterrupted: () => boolean,
): Promise<Ended> => {
  const args = [join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', ...scenarios.map(filterOf)]
  const [program = process.execPath, ...words] = [...(await onHalfOfTheCpus()), process.execPath, ...args]
  // A Ctrl-C until here reached nobody who would have ended by it.
  if (isInterrupted()) return { exitCode: null, signal: 'SIGINT' }
  return endOf(spawn(program, words, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }))
}

/** Yields to the containers while it lasts. Ctrl-C reaches Playwright by itself, as one of the terminal's group; its workers then heal. */
const endOf = (playwright: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // Once it has a process it is waited for: nothing is removed from under workers that heal.
    playwright.on('error', (error) => {
      if (playwright.pid === undefined) reject(error)
    })
    playwright.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
    if (playwright.pid !== undefined) yieldToOthers(playwright.pid)
  })

/** One deployment of a run, and what is played on it. */
export interface Leg {
  readonly stack: string
  /** As FIREDRILL_PART tells its workers; absent: the first, or the only one. */
  readonly part?: string
  /** Variables of its Compose file, over those of the environment. */
  readonly settings: Readonly<Record<string, string>>
  readonly scenarios: readonly ScenarioFile[]
  readonly times: number
}

/** One playing of a scenario: where, and the folder that its files go to. */
interface Playing extends AskedScenario {
  readonly folder: string
}

const playingsOf = ({ part, stack, scenarios, times }: Leg, isOneOfMany: boolean): readonly Playing[] =>
  scenarios.flatMap((scenario) =>
    Array.from({ length: times }, (_, k) => ({
      name: scenario.name,
      title: scenario.title,
      folder: folderOf(scenario.name, { times, repetition: k + 1, ...(part !== undefined && { part }) }),
      ...(isOneOfMany && { stack }),
      ...(part !== undefined && { part }),
    })),
  )

/** Sets the attempts aside that proved nothing; none once a scenario failed: a failure is not to be played away. */
const setAttemptsAside = async (
  folder: string,
  attempt: number,
  among: ReadonlySet<string>,
): Promise<readonly Attempt[]> => {
  const { summary, scenarios } = await judgeRun(folder)
  if (summary.outcome !== 'inconclusive') return []
  const unproven = scenarios.filter((each) => each.verdict.outcome === 'inconclusive' && among.has(each.folder))
  // Its folder tells of it alone from here on: what failed its test after that had judged itself, too.
  await writeJudged(folder, { scenarios: unproven, unread: [] })
  return Promise.all(
    unproven.map(async (report): Promise<Attempt> => {
      const own = report.folder
      const aside = `${own}.attempt-${attempt}`
      await rename(join(folder, own), join(folder, aside))
      return attemptOf(report, { name: own, folder: aside })
    }),
  )
}

/** Whether all of it passed, and whether --keep made Playwright stop at what it played: it stops at the first that does not pass. */
const standingOf = async (
  folder: string,
  playings: readonly Playing[],
): Promise<{ readonly havePassed: boolean; readonly wasStopped: boolean }> => {
  const own = new Set(playings.map(folderIn))
  const { summary, scenarios } = await judgeRun(folder)
  return {
    havePassed: summary.scenarios.every((each) => !own.has(each.folder) || each.outcome === 'pass'),
    wasStopped: scenarios.some((each) => own.has(each.folder) && each.verdict.outcome !== 'pass'),
  }
}

interface PlayOptions {
  readonly env: NodeJS.ProcessEnv
  readonly reruns: number
  readonly skipped: RunFile['skipped']
  readonly suite?: string
  /** Whether the run is inconclusive where what was asked for does not apply. */
  readonly isRequired: boolean
  /** Whether Ctrl-C came before there was anything to play. */
  readonly isInterrupted?: boolean
  /** How scenarios are played: in Playwright Test where nothing is said. */
  readonly playAll?: typeof playInPlaywright
}

/** An engine that never answers keeps nobody from the verdict. */
const LATE_LIMIT_MS = 60_000

/** Plays so much of a leg. Resolves with how Playwright ended, and why the leg's deployment could not be brought up; null when it was. */
const playLeg = async (
  leg: Leg,
  playings: readonly Playing[],
  { folder, run, keep }: Options,
  { env, playAll = playInPlaywright }: PlayOptions,
  isInterrupted: () => boolean,
): Promise<{ readonly ended: Ended; readonly because: Error | null }> => {
  const names = new Set(playings.map(({ name }) => name))
  const ended = await playAll(
    leg.scenarios.filter(({ name }) => names.has(name)),
    { ...env, ...variablesOf(leg) },
    isInterrupted,
  )
  // A second Ctrl-C ends Playwright at once, and its workers up to 30 s later: what they make meanwhile nobody would remove. What they
  // asked of the engine in their last moment may come to be yet; where it would not go, whoever removes the run in the end says so.
  if ((await endProcesses(run)) > 0 && !keep) await settlesWithin(removeForGood(run), LATE_LIMIT_MS)
  return { ended, because: await couldNotRun(folder) }
}

/**
 * Plays a run leg by leg, and what proved nothing up to `reruns` times more, each attempt kept and shown. A drill that is played
 * many times is not played again: each of its repetitions counts. Where one deployment of several does not come up, or one does not
 * come up again, the rest is played, and what it was to show is not shown. With --keep it ends at the first deployment that was
 * played on and did not pass.
 * Throws EnvironmentError or ScenarioError when none could be played at all.
 */
export const playRun = async (legs: readonly Leg[], options: Options, playOptions: PlayOptions): Promise<void> => {
  const { env, reruns, skipped, suite, isRequired } = playOptions
  let { isInterrupted = false } = playOptions
  const interrupt = (): void => {
    isInterrupted = true
  }
  process.on('SIGINT', interrupt)
  const startedAt = new Date()
  await mkdir(options.folder, { recursive: true })
  const { run, defect, seed } = options
  const attempts: Attempt[] = []
  const playings = legs.map((leg) => playingsOf(leg, legs.length > 1))
  const playedOnce = new Set(playings.flatMap((each, i) => (legs[i]?.times === 1 ? each : [])).map(folderIn))
  /** Why a leg's scenarios were not played, where they were not. */
  const unplayed = new Map<number, string>()
  /** How Playwright ended that was to play a leg, the last time. */
  const endings = new Map<number, Ended>()
  const known = {
    schema: 'firedrill.run/1',
    run,
    stack: [...new Set(legs.map(({ stack }) => stack))].join(', '),
    ...(suite !== undefined && { suite }),
    ...(isRequired && { required: true as const }),
    ...(defect !== undefined && { defect }),
    ...(Object.keys(options.objectives).length > 0 && { objectives: options.objectives }),
    seed,
    startedAt: startedAt.toISOString(),
    skipped,
    provenance: await provenanceOf(
      legs.map(({ stack }) => ({ ...options, stack })),
      profilesOf(legs, env),
    ),
  } as const
  const write = (more: Pick<RunFile, 'tookMs'> = {}): Promise<void> => {
    const scenarios = playings.flatMap((each, i) => {
      const [because, ended] = [unplayed.get(i), endings.get(i)]
      return each.map((playing) => ({ ...playing, ...(because !== undefined && { because }), ...(ended && { ended }) }))
    })
    const how = { ...(isInterrupted && { interrupted: true as const }), ...(attempts.length > 0 && { attempts }) }
    return writeRunFile(options.folder, { ...known, scenarios, ...how, ...more })
  }
  let asked = playings
  for (let attempt = 1; asked.some((each) => each.length > 0); attempt += 1) {
    await write()
    for (const [i, leg] of legs.entries()) {
      const own = asked[i] ?? []
      if (own.length === 0 || isInterrupted) continue
      const { ended, because } = await playLeg(leg, own, options, playOptions, () => isInterrupted)
      endings.set(i, ended)
      if (because === null) {
        if (!options.keep) continue
        const { havePassed, wasStopped } = await standingOf(options.folder, own)
        if (havePassed) continue
        // The next deployment would take the place of the one that is to be looked at.
        for (let next = wasStopped ? i : i + 1; next < legs.length; next += 1)
          unplayed.set(next, `--keep goes no further than ${leg.stack}, which did not pass.`)
        break
      }
      unplayed.set(i, because.message)
      // What was played before a later worker found no deployment is told all the same, a failure above all.
      const isNothing = attempt === 1 && unplayed.size === legs.length
      if (isNothing && !(await isHeard(options.folder, playings.flat().map(folderIn)))) throw because
      // Of this deployment alone: the next one's workers write their own.
      await rm(join(options.folder, COULD_NOT_RUN))
      console.log(`\n${leg.stack} could not be brought up, whatever else is played stands: ${because.message}`)
    }
    const again = attempt > reruns || isInterrupted ? [] : await setAttemptsAside(options.folder, attempt, playedOnce)
    attempts.push(...again)
    asked = asked.map((each) => each.filter(({ folder }) => again.some(({ name }) => name === folder)))
    const told = asked.flat().map(folderIn)
    if (told.length > 0) console.log(`\nPlayed again, because nothing was proven: ${told.join(', ')}`)
  }
  process.off('SIGINT', interrupt)
  await write({ tookMs: Date.now() - startedAt.getTime() })
}

const folderIn = ({ folder }: Playing): string => folder

/** What tells a leg's workers which deployment is theirs. */
const variablesOf = ({ stack, part, settings, times }: Omit<Leg, 'scenarios'>): Record<string, string> => ({
  ...settings,
  FIREDRILL_STACK: stack,
  FIREDRILL_PART: part ?? '',
  FIREDRILL_TIMES: String(times),
})

/** Compose's own variable, with the profiles of every leg: their images have to be there. */
export const profilesOf = (legs: readonly Leg[], env: NodeJS.ProcessEnv): string | undefined =>
  [env.COMPOSE_PROFILES, ...legs.map(({ settings }) => settings.COMPOSE_PROFILES)].filter((each) => each).join(',') ||
  undefined
