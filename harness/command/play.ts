// Plays scenarios in Playwright Test and writes down what a run was asked for; the verdicts come from the files.
import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { cpus, setPriority } from 'node:os'
import { join } from 'node:path'
import { type Options, ROOT } from '../options.ts'
import { judgeRun, type RunFile } from '../report/judged.ts'
import type { Attempt } from '../report/summary.ts'
import { onPath } from '../setup/command.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { provenanceOf } from './provenance.ts'
import type { ScenarioFile } from './scenarios.ts'

const ONLOOKER_NICENESS = 10

/** Half of the processors, where Linux lets us say so: a browser has a dozen threads, and would be on all of them at once. */
const ONLOOKERS_CPUS: readonly string[] =
  cpus().length >= 2 && onPath('taskset') !== undefined
    ? ['taskset', '-c', `0-${Math.floor(cpus().length / 2) - 1}`]
    : []

const writeRunFile = async (folder: string, run: RunFile): Promise<void> => {
  await writeFile(join(folder, 'run.json.part'), `${JSON.stringify(run, null, 2)}\n`)
  await rename(join(folder, 'run.json.part'), join(folder, 'run.json'))
}

/** Plays the scenarios in Playwright Test and resolves when it is over, however it ended: the verdict is in the files. */
const playAll = (scenarios: readonly ScenarioFile[], env: NodeJS.ProcessEnv): Promise<void> =>
  new Promise((resolve, reject) => {
    const files = scenarios.map((each) => `${each.name}\\.scenario\\.ts$`)
    const args = [join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', ...files]
    const [program = process.execPath, ...words] = [...ONLOOKERS_CPUS, process.execPath, ...args]
    const playwright = spawn(program, words, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
    // The browser and the harness yield to the containers: what is measured must not wait for who looks on.
    if (playwright.pid !== undefined) setPriority(playwright.pid, ONLOOKER_NICENESS)
    // Ctrl-C reaches Playwright by itself, as one of the terminal's group; its workers then heal.
    playwright.once('error', reject)
    playwright.once('exit', () => resolve())
  })

/** Why no scenario could run at all, written down by the worker; null when they could. */
const couldNotRun = async (folder: string): Promise<Error | null> => {
  const text = await readFile(join(folder, 'could-not-run.json'), 'utf8').catch(() => null)
  if (text === null) return null
  const { name, message, code } = JSON.parse(text) as { name: string; message: string; code: string }
  const told = { code, cause: 'could-not-run.json' }
  return name === 'ScenarioError' ? new ScenarioError(message, told) : new EnvironmentError(message, told)
}

/** Sets the attempts aside that proved nothing; none once a scenario failed: a failure is not to be played away. */
const setAside = async (folder: string, attempt: number): Promise<readonly Attempt[]> => {
  const { summary, scenarios } = await judgeRun(folder)
  if (summary.outcome !== 'inconclusive') return []
  const unproven = scenarios.filter((each) => each.verdict.outcome === 'inconclusive')
  return Promise.all(
    unproven.map(async ({ folder: name, verdict }): Promise<Attempt> => {
      const aside = `${name}.attempt-${attempt}`
      await rename(join(folder, name), join(folder, aside))
      return { name, folder: aside, outcome: 'inconclusive', because: verdict.because }
    }),
  )
}

/**
 * Plays the scenarios of a run, and those that proved nothing up to `reruns` times more, each attempt kept and shown.
 * Throws EnvironmentError or ScenarioError when none could be played at all.
 */
export const playRun = async (
  scenarios: readonly ScenarioFile[],
  options: Options,
  {
    env,
    reruns,
    skipped,
  }: { readonly env: NodeJS.ProcessEnv; readonly reruns: number; readonly skipped: RunFile['skipped'] },
): Promise<void> => {
  const startedAt = new Date()
  await mkdir(options.folder, { recursive: true })
  const { run, stack, defect, seed } = options
  const attempts: Attempt[] = []
  const file: RunFile = {
    schema: 'firedrill.run/1',
    run,
    stack,
    ...(defect !== undefined && { defect }),
    seed,
    startedAt: startedAt.toISOString(),
    scenarios: scenarios.map(({ name, title }) => ({ name, title })),
    skipped,
    provenance: await provenanceOf(options),
  }
  let isInterrupted = false
  const interrupt = (): void => {
    isInterrupted = true
  }
  process.on('SIGINT', interrupt)
  let asked = scenarios
  for (let attempt = 1; asked.length > 0; attempt += 1) {
    await writeRunFile(options.folder, { ...file, ...(attempts.length > 0 && { attempts }) })
    await playAll(asked, env)
    const because = await couldNotRun(options.folder)
    if (because) throw because
    const again = attempt > reruns || isInterrupted ? [] : await setAside(options.folder, attempt)
    attempts.push(...again)
    asked = scenarios.filter(({ name }) => again.some((each) => each.name === name))
    if (asked.length > 0)
      console.log(`\nPlayed again, because nothing was proven: ${asked.map(({ name }) => name).join(', ')}`)
  }
  process.off('SIGINT', interrupt)
  const tookMs = Date.now() - startedAt.getTime()
  await writeRunFile(options.folder, { ...file, ...(attempts.length > 0 && { attempts }), tookMs })
}
