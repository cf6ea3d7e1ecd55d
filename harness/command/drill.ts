// `npm run drill`: readies the machine, plays the scenarios, judges them from their files, and leaves nothing behind.
import { join } from 'node:path'
import { clearDead } from '../fault/clearing.ts'
import { startWarden } from '../fault/warden.ts'
import { type Options, optionsFrom, RUNS, secretsOf } from '../options.ts'
import { type RunFile, writeLeftBehind } from '../report/judged.ts'
import { linkLatest, retain } from '../report/retain.ts'
import { removeRun } from '../run-removal.ts'
import { ScenarioError } from '../time/errors.ts'
import { filesOf, rolesOf } from '../topology/compose.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { type Mix, sayMix } from '../traffic/mix/mix.ts'
import { sayCleared } from './clean.ts'
import { type DrillFlags, drillFlags } from './flags.ts'
import { keep } from './keep.ts'
import { type Leg, playRun, profilesOf } from './play.ts'
import { makeReady, readyVariables } from './ready.ts'
import { applicable, selected } from './scenarios.ts'
import type { SuiteLeg } from './suites.ts'
import { tell } from './tell.ts'

/** A run's name: when it began, and a little chance so that two in one second differ. Fit for Compose and for a folder. */
const nameOfRun = (): string => {
  const [day = '', time = ''] = new Date().toISOString().split('T')
  return `fd-${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${process.pid.toString(36)}`
}

/** A suite's deployments, or the one that was asked for, with what is to be played on each. */
const wantedLegs = ({ suite, names }: DrillFlags, { stack }: Options): readonly SuiteLeg[] =>
  suite?.legs ?? [{ stack, settings: {}, names }]

/** What of the asked applies to each deployment, and what does not. Throws ScenarioError ERR_NO_SCENARIO where nothing does. */
const legsOf = async (
  flags: DrillFlags,
  asked: NodeJS.ProcessEnv,
): Promise<{ readonly legs: readonly Leg[]; readonly skipped: RunFile['skipped'] }> => {
  const options = optionsFrom(asked)
  const { defect, times } = options
  const legs: Leg[] = []
  const skipped: RunFile['skipped'][number][] = []
  for (const { names, ...leg } of wantedLegs(flags, options)) {
    const scenarios = await selected(names, { isAll: flags.isAll })
    const roles = await rolesOf(await filesOf({ stack: leg.stack, ...(defect !== undefined && { defect }) }))
    const applies = applicable(scenarios, { stack: leg.stack, roles, variables: { ...asked, ...leg.settings } })
    if (applies.played.length > 0) legs.push({ times, ...leg, scenarios: applies.played })
    skipped.push(...applies.skipped)
  }
  if (legs.length > 0) return { legs, skipped }
  throw new ScenarioError(
    `No scenario applies: ${skipped.map(({ name, because }) => `${name}: ${because}`).join(' ')}`,
    { code: 'ERR_NO_SCENARIO' },
  )
}

const list = async (flags: DrillFlags, asked: NodeJS.ProcessEnv): Promise<void> => {
  const options = optionsFrom(asked)
  const legs = wantedLegs(flags, options)
  const { defect } = options
  for (const { stack, settings, names } of legs) {
    // Refused here as it would be when it is played.
    await filesOf({ stack, ...(defect !== undefined && { defect }) })
    if (flags.suite)
      console.log(`${[stack, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)].join(' ')}`)
    for (const { name, title, tags } of await selected(names, { isAll: flags.isAll || flags.list }))
      console.log(`${name.padEnd(36)} ${tags.includes('@quick') ? 'quick ' : '      '} ${title}`)
  }
  if (!flags.plan) return
  for (const stack of new Set(legs.map((leg) => leg.stack))) console.log(planOf({ ...options, stack }, flags.mix))
}

/** The `drill` verb. Resolves with the exit code; throws what is the machine's or the request's fault. */
export const drill = async (argv: readonly string[]): Promise<number> => {
  const flags = await drillFlags(argv)
  const run = nameOfRun()
  const folder = join(RUNS, run)
  const asked = { ...process.env, ...flags.variables, FIREDRILL_RUN: run, FIREDRILL_RUN_FOLDER: folder }
  if (flags.list || flags.plan) {
    await list(flags, asked)
    return 0
  }
  const { legs, skipped } = await legsOf(flags, asked)
  if (flags.mix) sayCalls(flags.mix)
  const prepared = await makeReady(['engine', 'compose', 'browser', 'images'], profilesOf(legs, asked))
  for (const cleared of await clearDead()) console.log(`  clean       ${sayCleared(cleared)}`)
  const env = { ...asked, ...readyVariables(prepared) }
  const options = optionsFrom(env)
  // From here on a drill is interrupted in its workers, which heal; this process waits for them and then cleans up after all.
  process.on('SIGINT', () => {})
  await takeLease({ run, kind: 'drill', subnet: options.subnet })
  startWarden(run)
  const end = (): Promise<void> => removeRun(options).then(() => endLease(run))
  const play = {
    env,
    reruns: options.keep ? 0 : flags.reruns,
    skipped,
    ...(flags.suite && { suite: flags.suite.name }),
    // Whoever names what is to be shown is not served by anything else.
    isRequired: flags.suite !== undefined || flags.names.length > 0,
  }
  try {
    await playRun(legs, options, play).catch(async (error: Error) => {
      await end()
      throw error
    })
    // What will not go is told with the verdicts, which stand.
    if (!options.keep) await end().catch((error: Error) => writeLeftBehind(options.folder, error.message))
    const exitCode = await tell(options.folder, secretsOf(env))
    if (options.keep) await (exitCode === 0 ? end() : keep(options))
    return exitCode
  } finally {
    await linkLatest(RUNS, run)
    await retain(RUNS)
  }
}

const MOST_SAID = 10

/** What callers will ask for, and what of the file they will not. */
const sayCalls = (mix: Mix): void => {
  console.log(`  calls       ${sayMix(mix)}`)
  for (const { what, because } of mix.leftOut.slice(0, MOST_SAID))
    console.log(`              without ${what}: ${because}`)
  if (mix.leftOut.length > MOST_SAID) console.log(`              and without ${mix.leftOut.length - MOST_SAID} more`)
}

const planOf = ({ stack, defect, rate, deadlineMs, seed, subnet }: Options, mix?: Mix): string =>
  `on ${stack}${defect ? ` with the planted defect ${defect}` : ''}, ${rate === undefined ? 'the usual rate' : `${rate} calls/s`}, deadline ${deadlineMs} ms, seed ${seed}, subnet ${subnet}.0/24${mix ? `, calls drawn from ${sayMix(mix)}` : ''}`
