// `npm run drill`: readies the machine, plays the scenarios, judges them from their files, and leaves nothing behind.
import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { cpus, setPriority } from 'node:os'
import { join } from 'node:path'
import { type Options, optionsFrom, ROOT, RUNS, secretsOf } from '../options.ts'
import type { RunFile } from '../report/judged.ts'
import { linkLatest, retain } from '../report/retain.ts'
import { onPath } from '../setup/command.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { filesOf } from '../topology/compose.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { clean, remove } from '../topology/residue.ts'
import { drillFlags } from './flags.ts'
import { provenanceOf } from './provenance.ts'
import { makeReady, readyVariables } from './ready.ts'
import { type ScenarioFile, selected } from './scenarios.ts'
import { tell } from './tell.ts'

const ONLOOKER_NICENESS = 10

/** Half of the processors, where Linux lets us say so: a browser has a dozen threads, and would be on all of them at once. */
const ONLOOKERS_CPUS: readonly string[] =
  cpus().length >= 2 && onPath('taskset') !== undefined
    ? ['taskset', '-c', `0-${Math.floor(cpus().length / 2) - 1}`]
    : []

/** A run's name: when it began, and a little chance so that two in one second differ. Fit for Compose and for a folder. */
const nameOfRun = (): string => {
  const [day = '', time = ''] = new Date().toISOString().split('T')
  return `fd-${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${process.pid.toString(36)}`
}

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

const runDrill = async (
  scenarios: readonly ScenarioFile[],
  options: Options,
  env: NodeJS.ProcessEnv,
): Promise<number> => {
  const startedAt = new Date()
  await mkdir(options.folder, { recursive: true })
  const { run, stack, defect, seed } = options
  const file: RunFile = {
    schema: 'firedrill.run/1',
    run,
    stack,
    ...(defect !== undefined && { defect }),
    seed,
    startedAt: startedAt.toISOString(),
    scenarios: scenarios.map(({ name, title }) => ({ name, title })),
    skipped: [],
    provenance: await provenanceOf(options),
  }
  await writeRunFile(options.folder, file)
  await playAll(scenarios, env)
  const because = await couldNotRun(options.folder)
  if (because) throw because
  await writeRunFile(options.folder, { ...file, tookMs: Date.now() - startedAt.getTime() })
  return tell(options.folder, secretsOf(env))
}

/** The `drill` verb. Resolves with the exit code; throws what is the machine's or the request's fault. */
export const drill = async (argv: readonly string[]): Promise<number> => {
  const flags = await drillFlags(argv)
  const scenarios = await selected(flags.names)
  const run = nameOfRun()
  const folder = join(RUNS, run)
  const asked = { ...process.env, ...flags.variables, FIREDRILL_RUN: run, FIREDRILL_RUN_FOLDER: folder }
  await filesOf(optionsFrom(asked))
  if (flags.list || flags.plan) {
    for (const { name, title } of scenarios) console.log(`${name.padEnd(26)} ${title}`)
    if (flags.plan) console.log(planOf(optionsFrom(asked)))
    return 0
  }
  const prepared = await makeReady(['engine', 'compose', 'browser', 'images'])
  for (const left of await clean()) console.log(`  clean       removed what ${left} had left behind`)
  const env = { ...asked, ...readyVariables(prepared) }
  const options = optionsFrom(env)
  await takeLease({ run, kind: 'drill', subnet: options.subnet })
  let kept = false
  try {
    const exitCode = await runDrill(scenarios, options, env)
    kept = options.keep && exitCode !== 0
    return exitCode
  } finally {
    await (kept ? keep(options) : remove(run).then(() => endLease(run)))
    await linkLatest(RUNS, run)
    await retain(RUNS)
  }
}

const planOf = ({ stack, defect, rate, deadlineMs, seed, subnet }: Options): string =>
  `on ${stack}${defect ? ` with the planted defect ${defect}` : ''}, ${rate} calls/s a lane, deadline ${deadlineMs} ms, seed ${seed}, subnet ${subnet}.0/24`

/** A failed deployment that was asked to stay becomes an `up` deployment: it lives until `down`. */
const keep = async ({ run, subnet }: Options): Promise<void> => {
  await takeLease({ run, kind: 'up', subnet })
  console.log(
    `The deployment is left up, healed (run ${run}, subnet ${subnet}.0/24; Dashboard on 127.0.0.1:${process.env.FIREDRILL_PORT_DASHBOARD ?? 7080}, gateway on 127.0.0.1:${process.env.FIREDRILL_PORT_GATEWAY ?? 9080}). \`npm run down\` removes it.`,
  )
}
