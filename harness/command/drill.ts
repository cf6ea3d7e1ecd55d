// `npm run drill`: readies the machine, plays the scenarios, judges them from their files, and leaves nothing behind.
import { join } from 'node:path'
import { clearDead } from '../fault/clearing.ts'
import { startWarden } from '../fault/warden.ts'
import { type Options, optionsFrom, RUNS, secretsOf } from '../options.ts'
import { writeLeftBehind } from '../report/judged.ts'
import { linkLatest, retain } from '../report/retain.ts'
import { ScenarioError } from '../time/errors.ts'
import { filesOf, rolesOf } from '../topology/compose.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import { type Mix, sayMix } from '../traffic/mix/mix.ts'
import { sayCleared } from './clean.ts'
import { drillFlags } from './flags.ts'
import { playRun } from './play.ts'
import { makeReady, readyVariables } from './ready.ts'
import { applicable, selected } from './scenarios.ts'
import { tell } from './tell.ts'

/** A run's name: when it began, and a little chance so that two in one second differ. Fit for Compose and for a folder. */
const nameOfRun = (): string => {
  const [day = '', time = ''] = new Date().toISOString().split('T')
  return `fd-${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${process.pid.toString(36)}`
}

/** The `drill` verb. Resolves with the exit code; throws what is the machine's or the request's fault. */
export const drill = async (argv: readonly string[]): Promise<number> => {
  const flags = await drillFlags(argv)
  const scenarios = await selected(flags.names, { isAll: flags.isAll || flags.list })
  const run = nameOfRun()
  const folder = join(RUNS, run)
  const asked = { ...process.env, ...flags.variables, FIREDRILL_RUN: run, FIREDRILL_RUN_FOLDER: folder }
  const roles = await rolesOf(await filesOf(optionsFrom(asked)))
  if (flags.list || flags.plan) {
    for (const { name, title, tags } of scenarios)
      console.log(`${name.padEnd(26)} ${tags.includes('@quick') ? 'quick ' : '      '} ${title}`)
    if (flags.plan) console.log(planOf(optionsFrom(asked), flags.mix))
    return 0
  }
  const { played, skipped } = applicable(scenarios, { stack: optionsFrom(asked).stack, roles, variables: asked })
  if (played.length === 0)
    throw new ScenarioError(
      `No scenario applies: ${skipped.map(({ name, because }) => `${name}: ${because}`).join(' ')}`,
      {
        code: 'ERR_NO_SCENARIO',
      },
    )
  if (flags.mix) sayCalls(flags.mix)
  const prepared = await makeReady(['engine', 'compose', 'browser', 'images'])
  for (const cleared of await clearDead()) console.log(`  clean       ${sayCleared(cleared)}`)
  const env = { ...asked, ...readyVariables(prepared) }
  const options = optionsFrom(env)
  await takeLease({ run, kind: 'drill', subnet: options.subnet })
  startWarden(run)
  const end = (): Promise<void> => remove(run).then(() => endLease(run))
  try {
    await playRun(played, options, { env, reruns: options.keep ? 0 : flags.reruns, skipped }).catch(
      async (error: Error) => {
        await end()
        throw error
      },
    )
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

/** A failed deployment that was asked to stay becomes an `up` deployment: it lives until `down`. */
const keep = async ({ run, subnet }: Options): Promise<void> => {
  await takeLease({ run, kind: 'up', subnet })
  console.log(
    `The deployment is left up, healed (run ${run}, subnet ${subnet}.0/24; Dashboard on 127.0.0.1:${process.env.FIREDRILL_PORT_DASHBOARD ?? 7080}, gateway on 127.0.0.1:${process.env.FIREDRILL_PORT_GATEWAY ?? 9080}). \`npm run down\` removes it.`,
  )
}
