// What the person at the command line asked for, checked before anything is done.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { refuseStrangers, teamLimits } from '../team-limits.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Mix } from '../traffic/mix/mix.ts'
import { readMix } from '../traffic/mix/read-mix.ts'
import { type ScenarioFile, scenarioFiles, selected } from './scenarios.ts'
import { type SuiteLeg, suiteNamed } from './suites.ts'
import { wordsOf } from './words.ts'

/** `npm run drill -- …`, parsed. */
export interface DrillFlags {
  readonly names: readonly string[]
  /** Every scenario, not only the quick ones. */
  readonly isAll: boolean
  /** The suite that was asked for, leg by leg. */
  readonly suite?: { readonly name: string; readonly legs: readonly SuiteLeg[] }
  readonly list: boolean
  readonly plan: boolean
  /** How often a drill that proved nothing is played again, never after a failure. */
  readonly reruns: number
  /** FIREDRILL_* variables that the flags stand for. */
  readonly variables: Readonly<Record<string, string>>
  /** What callers are to draw their requests from, read and found fit. */
  readonly mix?: Mix
}

const MOST_RERUNS = 3

/** The flags of `drill`. */
export const OPTIONS = {
  all: { type: 'boolean' },
  suite: { type: 'string' },
  times: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  stack: { type: 'string' },
  defect: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  deadline: { type: 'string' },
  objectives: { type: 'string' },
  calls: { type: 'string' },
  keep: { type: 'boolean' },
  list: { type: 'boolean' },
  plan: { type: 'boolean' },
  'rerun-inconclusive': { type: 'string' },
} as const

/** Reads a team's own limits, from the file or the variable that has them. Throws ScenarioError on what cannot be meant. */
const objectivesIn = async (file: string | undefined): Promise<string | undefined> => {
  const from = file === undefined ? 'FIREDRILL_OBJECTIVES' : `--objectives ${file}`
  const text = file === undefined ? process.env.FIREDRILL_OBJECTIVES : await textOf(file)
  if (!text && file === undefined) return undefined
  const limits = teamLimits(from, text ?? '')
  const scenarios = await scenarioFiles()
  refuseStrangers(
    from,
    limits,
    scenarios.map(({ name }) => name),
  )
  return JSON.stringify(limits)
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ScenarioError(`--objectives ${file} cannot be read (${cause.code}).`, { code: 'ERR_OBJECTIVES', cause })
  })

/** An upgrade goes from somewhere to somewhere else. Throws ScenarioError ERR_FLAG where only one of the two is said, or both are the same. */
const upgradeVariables = ({ from, to }: { readonly from?: string; readonly to?: string }): Record<string, string> => {
  if (from === undefined && to === undefined) return {}
  if (from !== undefined && to !== undefined) {
    const same = pairsOf(to).find((pair) => pairsOf(from).includes(pair))
    if (same === undefined) return { FIREDRILL_UPGRADE_FROM: from, FIREDRILL_UPGRADE_TO: to }
    throw new ScenarioError(`--from and --to both say ${same}: leave out of --to what is to stay as it is.`, {
      code: 'ERR_FLAG',
    })
  }
  throw new ScenarioError('--from and --to belong together: the images that run, and those that are to take over.', {
    code: 'ERR_FLAG',
  })
}

const pairsOf = (text: string): readonly string[] => text.split(',').map((pair) => pair.trim())

const UPGRADE_NEED = 'FIREDRILL_UPGRADE_TO='

/** Only a scenario that upgrades nodes uses --to: played on --from alone the others would seem to vouch for both. Throws ScenarioError ERR_FLAG. */
const refuseIdleUpgrade = async (
  { to }: { readonly to?: string },
  names: readonly string[],
  which: { readonly isAll: boolean },
): Promise<void> => {
  if (to === undefined) return
  const upgrades = ({ needs }: ScenarioFile): boolean => needs.some((need) => need.startsWith(UPGRADE_NEED))
  if ((await selected(names, which)).some(upgrades)) return
  const those = (await scenarioFiles()).filter(upgrades).map(({ name }) => name)
  throw new ScenarioError(
    `None of the scenarios that were asked for upgrades a node, and --to would not be used: name ${those.join(' or ')}, or play --suite upgrade.`,
    { code: 'ERR_FLAG' },
  )
}

/** What is looked at stays as it is, and of many playings each counts. Throws ScenarioError ERR_FLAG where nothing would be played again. */
const refuseIdleReruns = (
  reruns: number,
  flags: { readonly 'rerun-inconclusive'?: string; readonly keep?: boolean; readonly times?: string },
): void => {
  if (flags['rerun-inconclusive'] === undefined || reruns === 0) return
  const isKept = flags.keep || process.env.FIREDRILL_KEEP === '1'
  const isMany = Number(flags.times || process.env.FIREDRILL_TIMES || 1) > 1
  if (!isKept && !isMany) return
  const other = isKept ? '--keep leaves what proved nothing as it is' : 'of --times each playing counts'
  throw new ScenarioError(`--rerun-inconclusive ${reruns} would do nothing: ${other}. Leave one of the two out.`, {
    code: 'ERR_FLAG',
  })
}

/** Parses the flags of `drill`. Throws ScenarioError on a flag or a value that cannot be meant; nothing has been touched then. */
export const drillFlags = async (argv: readonly string[]): Promise<DrillFlags> => {
  const { values, positionals } = wordsOf('drill', argv, { options: OPTIONS, names: 'scenario names' })
  const reruns = Number(values['rerun-inconclusive'] ?? '1')
  if (!Number.isInteger(reruns) || reruns < 0 || reruns > MOST_RERUNS) {
    throw new ScenarioError(
      `--rerun-inconclusive is '${values['rerun-inconclusive']}': expected 0 to ${MOST_RERUNS}.`,
      { code: 'ERR_FLAG' },
    )
  }
  refuseIdleReruns(reruns, values)
  if (values.all && positionals.length > 0)
    throw new ScenarioError('--all and scenario names exclude each other.', { code: 'ERR_FLAG' })
  const suite = values.suite === undefined ? undefined : { name: values.suite, legs: suiteNamed(values.suite) }
  if (suite && (values.all || positionals.length > 0 || values.stack !== undefined))
    throw new ScenarioError('--suite says what is played, and where: no scenario names, --all or --stack with it.', {
      code: 'ERR_FLAG',
    })
  const variables: Record<string, string> = upgradeVariables(values)
  if (values.suite === 'upgrade' && values.to === undefined && !values.list)
    throw new ScenarioError('--suite upgrade goes --from the images that run --to those that are to take over.', {
      code: 'ERR_FLAG',
    })
  const names = suite ? suite.legs.flatMap((leg) => leg.names) : positionals
  await refuseIdleUpgrade(values, names, { isAll: (values.all || values.list) ?? false })
  for (const name of ['stack', 'defect', 'seed', 'rate', 'deadline', 'times'] as const) {
    const value = values[name]
    if (value !== undefined) variables[`FIREDRILL_${name.toUpperCase()}`] = value
  }
  if (values.keep) variables.FIREDRILL_KEEP = '1'
  const objectives = await objectivesIn(values.objectives)
  if (objectives !== undefined) variables.FIREDRILL_OBJECTIVES = objectives
  const mix = values.calls === undefined ? undefined : await readMix(values.calls)
  // Workers read it again, whatever their working directory: on their command line or in their environment it would be seen.
  if (values.calls !== undefined) variables.FIREDRILL_CALLS = resolve(values.calls)
  return {
    names: positionals,
    isAll: values.all ?? false,
    ...(suite && { suite }),
    list: values.list ?? false,
    plan: values.plan ?? false,
    reruns,
    variables,
    ...(mix && { mix }),
  }
}
