// What a run was asked for: parsed once by the command line, handed to the workers as FIREDRILL_* variables.
import { join } from 'node:path'
import { refuseUnfitSettings } from './deployment-settings.ts'
import { PLAYED_BY_HAND } from './setup/run-name.ts'
import { subnetFrom } from './setup/subnet.ts'
import { type TeamLimits, teamLimits } from './team-limits.ts'
import { type Duration, toMs } from './time/duration.ts'
import { ScenarioError } from './time/errors.ts'
import { imagesByRole } from './topology/images-by-role.ts'
import type { Role } from './topology/topology.ts'

/** The checkout, whatever the working directory. */
export const ROOT = join(import.meta.dirname, '..')

/** Where runs are kept. */
export const RUNS = join(ROOT, 'reports', 'runs')

/** One run, as its workers see it. */
export interface Options {
  readonly run: string
  readonly folder: string
  readonly stack: string
  readonly defect?: string
  readonly subnet: string
  /** Calls a second through the balancer, on all lanes together; absent: as many as they need, lanes.ts. */
  readonly rate?: number
  readonly deadlineMs: number
  readonly seed: number
  /** The file that callers draw their requests from; absent: every call is the one that the route `orders` serves. */
  readonly calls?: string
  /** How often each scenario is played, on one deployment. */
  readonly times: number
  /** Which of those this is, from 1; its seed is the run's, and one more each time. */
  readonly repetition: number
  /** Of a run of several deployments, the one that is up; absent: the first, or the only one. */
  readonly part?: string
  /** How long a soak goes on, as far as whole turns fit. */
  readonly soakMs: number
  /** The image that each role is brought to by `faults.upgrade`. */
  readonly upgradeTo: Readonly<Partial<Record<Role, string>>>
  /** Leave a failed deployment up. */
  readonly keep: boolean
  /** How Compose is called: ['docker-compose']. */
  readonly compose: readonly string[]
  /** Share of a core that the callers get; absent: as much as they want. */
  readonly callersCpus?: number
  readonly sabotage?: string
  readonly username: string
  readonly password: string
  /** A team's own limits by scenario name. */
  readonly objectives: TeamLimits
}

const MOST_TIMES = 1000

const numberFrom = (
  name: string,
  text: string | undefined,
  preset: number,
  isFine: (value: number) => boolean,
  expected: string,
): number => {
  if (text === undefined || text === '') return preset
  const value = Number(text)
  if (Number.isFinite(value) && isFine(value)) return value
  throw new ScenarioError(`${name} is '${text}': expected ${expected}.`, { code: 'ERR_OPTION' })
}

const rateFrom = (text: string): number =>
  numberFrom('--rate', text, 0, (value) => value > 0 && value <= 20_000, 'at most 20000 calls a second')

const lengthFrom = (name: string, text: string | undefined, preset: Duration): number => {
  const lengthMs = attempted(() => toMs(text || preset))
  if (lengthMs !== null && lengthMs > 0) return lengthMs
  throw new ScenarioError(
    `${name} is '${text}': expected a duration above 0 with one of ms, s, m, h, as in '${preset}'.`,
    {
      code: 'ERR_OPTION',
    },
  )
}

const attempted = <T>(parse: () => T): T | null => {
  try {
    return parse()
  } catch {
    return null
  }
}

/** The folder of one playing of a scenario, within its run's: parts and repetitions have theirs. */
export const folderOf = (
  name: string,
  { part, times, repetition }: Pick<Options, 'part' | 'times' | 'repetition'>,
): string => [name, ...(part === undefined ? [] : [part]), ...(times > 1 ? [repetition] : [])].join('.')

/** Reads the FIREDRILL_* variables. Throws ScenarioError ERR_OPTION on a value that cannot be meant, and on one of the deployment's own. */
export const optionsFrom = (env: NodeJS.ProcessEnv, repetition = 1): Options => {
  refuseUnfitSettings(env)
  const run = env.FIREDRILL_RUN ?? PLAYED_BY_HAND
  const cpus = numberFrom(
    'FIREDRILL_CALLERS_CPUS',
    env.FIREDRILL_CALLERS_CPUS,
    0,
    (value) => value > 0,
    'a share of a core above 0',
  )
  return {
    run,
    folder: env.FIREDRILL_RUN_FOLDER ?? join(RUNS, run),
    stack: env.FIREDRILL_STACK || 'high-availability',
    ...(env.FIREDRILL_DEFECT && { defect: env.FIREDRILL_DEFECT }),
    subnet: subnetFrom(env),
    ...(env.FIREDRILL_RATE && { rate: rateFrom(env.FIREDRILL_RATE) }),
    deadlineMs: lengthFrom('--deadline', env.FIREDRILL_DEADLINE, '2s'),
    seed:
      numberFrom('--seed', env.FIREDRILL_SEED, 1, (value) => Number.isInteger(value) && value >= 0, 'a whole number') +
      repetition -
      1,
    repetition,
    ...(env.FIREDRILL_CALLS && { calls: env.FIREDRILL_CALLS }),
    times: numberFrom(
      '--times',
      env.FIREDRILL_TIMES,
      1,
      (value) => Number.isInteger(value) && value >= 1 && value <= MOST_TIMES,
      `a whole number from 1 to ${MOST_TIMES}`,
    ),
    ...(env.FIREDRILL_PART && { part: env.FIREDRILL_PART }),
    soakMs: lengthFrom('FIREDRILL_SOAK', env.FIREDRILL_SOAK, '60s'),
    upgradeTo: imagesByRole('FIREDRILL_UPGRADE_TO', env.FIREDRILL_UPGRADE_TO),
    keep: env.FIREDRILL_KEEP === '1',
    compose: (env.FIREDRILL_COMPOSE ?? 'docker-compose').split(' '),
    ...(cpus > 0 && { callersCpus: cpus }),
    ...(env.FIREDRILL_SABOTAGE && { sabotage: env.FIREDRILL_SABOTAGE }),
    username: env.FIREDRILL_ADMIN_USERNAME || 'admin',
    password: env.FIREDRILL_ADMIN_PASSWORD || 'admin',
    objectives: teamLimits('FIREDRILL_OBJECTIVES', env.FIREDRILL_OBJECTIVES || '{}'),
  }
}

/** The secrets of a run that no file may show. The vendor's own default password is a word, not a secret. */
export const secretsOf = (env: NodeJS.ProcessEnv): readonly string[] =>
  [
    env.FIREDRILL_ADMIN_PASSWORD,
    env.FIREDRILL_DB_PASSWORD ?? 'changeme',
    env.FIREDRILL_SESSION_SECRET ?? 'a-lab-secret-that-signs-sessions-only-here',
    env.FIREDRILL_DP_TOKEN ?? 'a7ee-placeholder',
    env.FIREDRILL_OBJECT_STORE_KEY ?? 'a-lab-secret-for-objects',
    env.FIREDRILL_AZURE_KEY ?? 'YS1sYWItc2VjcmV0LWZvci1ibG9icw==',
  ].filter((secret): secret is string => secret !== undefined && secret !== 'admin')
