// `npm run drill`: readies the machine, plays the scenarios, judges them from their files, and leaves nothing behind.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { clearDead, leftAlone } from '../fault/clearing.ts'
import { startWarden } from '../fault/warden.ts'
import { refuseBlindRate } from '../least-rate.ts'
import { type Options, optionsFrom, RUNS, secretsOf } from '../options.ts'
import { writeCouldNotRun } from '../report/could-not-run.ts'
import { judgeRun, type RunFile, writeLeftBehind } from '../report/judged.ts'
import { linkLatest, retain } from '../report/retain.ts'
import { refuseUnforwarded } from '../setup/far-engine.ts'
import { nameOfDrill } from '../setup/run-name.ts'
import { removeRun } from '../stage/run-removal.ts'
import { ScenarioError } from '../time/errors.ts'
import { filesOf, portsOf } from '../topology/compose.ts'
import { callerZonesOf, rolesOf } from '../topology/compose-labels.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { type Mix, sayMix } from '../traffic/mix/mix.ts'
import { sayCleared, sayLeftAlone } from './clean.ts'
import { type DrillFlags, drillFlags } from './flags.ts'
import { judgeAndReport } from './judge-and-report.ts'
import { isToStay, keep } from './keep.ts'
import { type Leg, playRun, profilesOf } from './play.ts'
import { makeReady, readyVariables } from './ready.ts'
import { applicable, type ScenarioFile, selected } from './scenarios.ts'
import type { SuiteLeg } from './suites.ts'
import { tellUnplayed } from './unplayed.ts'

/** A suite's deployments, or the one that was asked for, with what is to be played on each. */
const wantedLegs = ({ suite, names }: DrillFlags, { stack }: Options): readonly SuiteLeg[] =>
  suite?.legs ?? [{ stack, settings: {}, names }]

/** What of the asked applies to each deployment, and what does not. Throws ScenarioError ERR_NO_SCENARIO where nothing does. */
const legsOf = async (
  flags: DrillFlags,
  asked: NodeJS.ProcessEnv,
): Promise<{ readonly legs: readonly Leg[]; readonly skipped: RunFile['skipped'] }> => {
  const options = optionsFrom(asked)
  const { rate, times } = options
  const legs: Leg[] = []
  const skipped: RunFile['skipped'][number][] = []
  for (const { names, optional = [], ...leg } of wantedLegs(flags, options)) {
    const scenarios = await selected(names, { isAll: flags.isAll })
    const files = await filesOf({ ...options, stack: leg.stack })
    const variables = { ...asked, ...leg.settings }
    const applies = applicable(scenarios, { stack: leg.stack, roles: await rolesOf(files), variables })
    if (applies.played.length > 0) {
      refuseBlindRate(rate, await callerZonesOf(files, variables))
      legs.push({ times, ...leg, scenarios: applies.played })
    }
    for (const each of applies.skipped)
      skipped.push({ ...each, ...(optional.includes(each.name) && { optional: true as const }) })
  }
  if (legs.length > 0) return { legs, skipped }
  throw new ScenarioError(
    `No scenario applies: ${skipped.map(({ name, because }) => `${name}: ${because}`).join(' ')}`,
    { code: 'ERR_NO_SCENARIO' },
  )
}

/** The ports that the deployments publish, whichever variable moves them: two may have another default for one. */
const portsOfAll = async (legs: readonly Leg[], asked: NodeJS.ProcessEnv): Promise<readonly number[]> => {
  const { defect } = optionsFrom(asked)
  const ports = legs.map(async ({ stack, settings }) =>
    portsOf(await filesOf({ stack, ...(defect !== undefined && { defect }) }), { ...asked, ...settings }),
  )
  return (await Promise.all(ports)).flatMap((each) => Object.values(each))
}

/** What there is to be played; no run comes of it. */
const list = async (argv: readonly string[]): Promise<void> => {
  const flags = await drillFlags(argv)
  const asked = { ...process.env, ...flags.variables }
  const options = optionsFrom(asked)
  for (const { names, ...leg } of wantedLegs(flags, options)) {
    // Refused here as it would be when it is played.
    const files = await filesOf({ ...options, stack: leg.stack })
    refuseBlindRate(options.rate, await callerZonesOf(files, { ...asked, ...leg.settings }))
    if (flags.suite) console.log(sayLeg(leg))
    sayScenarios(await selected(names, { isAll: true }))
  }
}

/** What would be played, what would not and why, and on what; no run comes of it. */
const plan = async (argv: readonly string[]): Promise<void> => {
  const flags = await drillFlags(argv)
  const asked = { ...process.env, ...flags.variables }
  const { legs, skipped } = await legsOf(flags, asked)
  for (const { scenarios, ...leg } of legs) {
    if (flags.suite || leg.times > 1) console.log(sayLeg(leg))
    sayScenarios(scenarios)
  }
  for (const { name, because } of skipped) console.log(`skipped ${name}: ${because}`)
  const options = optionsFrom(asked)
  for (const stack of new Set(legs.map((leg) => leg.stack))) console.log(planOf({ ...options, stack }, flags.mix))
}

/** 'etcd GATEWAY_TIMINGS=lab, each 30 times' */
const sayLeg = ({ stack, settings, times = 1 }: Pick<SuiteLeg, 'stack' | 'settings' | 'times'>): string => {
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return `${[stack, ...set].join(' ')}${times === 1 ? '' : `, each ${times} times`}`
}

const sayScenarios = (scenarios: readonly ScenarioFile[]): void => {
  for (const { name, title, tags } of scenarios)
    console.log(`${name.padEnd(36)} ${tags.includes('@quick') ? 'quick ' : '      '} ${title}`)
}

/** The `drill` verb. Resolves with the exit code; throws what is the machine's or the request's fault. */
export const drill = async (argv: readonly string[]): Promise<number> => {
  if (argv.includes('--list') || argv.includes('--plan')) {
    await (argv.includes('--plan') ? plan : list)(argv)
    return 0
  }
  const run = nameOfDrill()
  const folder = join(RUNS, run)
  const asked = { ...process.env, FIREDRILL_RUN: run, FIREDRILL_RUN_FOLDER: folder }
  try {
    await mkdir(folder, { recursive: true })
    // Whatever comes of it, a flag that cannot be meant among it: whoever asks for the newest run must not be given the one before.
    await orSaid(linkLatest(RUNS, run))
    const flags = await drillFlags(argv)
    const exitCode = await played(flags, Object.assign(asked, flags.variables))
    // Whoever was refused meanwhile has it: a run that was played is what is looked for.
    await orSaid(linkLatest(RUNS, run))
    return exitCode
  } catch (error) {
    await orSaid(tellUnplayed(folder, asked, error as Error), 'There is no report of what follows: ')
    throw error
  } finally {
    await orSaid(retain(RUNS))
  }
}

/** What is done beside the drill changes nothing of how it ended: where it fails, that is said. */
const orSaid = async (act: Promise<unknown>, what = ''): Promise<void> => {
  await act.catch((error: Error) => console.log(`${what}${error.message}`))
}

/** Readies the machine, plays and judges. Resolves with the exit code; rejects where nothing came of it. */
const played = async (flags: DrillFlags, asked: NodeJS.ProcessEnv & { FIREDRILL_RUN: string }): Promise<number> => {
  const run = asked.FIREDRILL_RUN
  const { legs, skipped } = await legsOf(flags, asked)
  await refuseUnforwarded(await portsOfAll(legs, asked))
  if (flags.mix) sayCalls(flags.mix)
  const prepared = await makeReady(['engine', 'compose', 'browser', 'images'], profilesOf(legs, asked))
  for (const cleared of await clearDead()) console.log(`  clean       ${sayCleared(cleared)}`)
  for (const left of await leftAlone()) console.log(`  clean       left alone: ${sayLeftAlone(left)}`)
  const env = { ...asked, ...readyVariables(prepared) }
  const options = optionsFrom(env)
  // From here on a drill is interrupted in its workers, which heal; this process waits for them and then cleans up after all.
  let isCutShort = false
  process.on('SIGINT', () => {
    isCutShort = true
  })
  await takeLease({ run, kind: 'drill', subnet: options.subnet })
  await startWarden(run)
  const broke = await playRun(legs, options, {
    env,
    reruns: options.keep ? 0 : flags.reruns,
    skipped,
    ...(flags.suite && { suite: flags.suite.name }),
    isInterrupted: isCutShort,
    // Whoever names what is to be shown is not served by anything else.
    isRequired: flags.suite !== undefined || flags.names.length > 0,
  }).then(
    () => null,
    (error: Error) => error,
  )
  if (broke && !(await hasFailed(options.folder))) {
    await takenDown(options, isCutShort)
    throw broke
  }
  if (broke) {
    // A failure stands, whatever became of the rest of the run.
    await orSaid(writeCouldNotRun(options.folder, broke))
    console.log(`\nNot everything could be played: ${broke.message}`)
  }
  const stays = !broke && options.keep && (await isToStay(options))
  // Before the verdict, which tells what would not go, and stands.
  const isTold = stays || (await takenDown(options, isCutShort))
  const exitCode = await judgeAndReport(options.folder, secretsOf(env))
  if (options.keep && exitCode !== 0) await orSaid(keep(options), '--keep: ')
  return exitCode === 0 && !isTold ? 3 : exitCode
}

/** Whether something that was played failed, by what it left. */
const hasFailed = (folder: string): Promise<boolean> =>
  judgeRun(folder).then(
    ({ summary }) => summary.outcome === 'fail',
    () => false,
  )

/** Removes the deployment. Resolves with whether all is gone, or the run's folder says what is not: else it is said here, and nowhere again. */
const takenDown = async ({ run, folder }: Options, isCutShort: boolean): Promise<boolean> => {
  try {
    await withEngineUnstuck(run, () => removeRun({ run, folder, isCutShort }))
    await endLease(run)
    return true
  } catch (error) {
    const { message } = error as Error
    return writeLeftBehind(folder, message).then(
      () => true,
      (cause: Error) => {
        console.log(
          `Not everything was taken down: ${message}. Run \`npm run clean\`. That could not be written down: ${cause.message}`,
        )
        return false
      },
    )
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
