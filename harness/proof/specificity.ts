// How a suite fared on healthy deployments, played again and again: not one may fail, and few may prove nothing.
import type { Summary } from '../report/summary.ts'
import { ScenarioError } from '../time/errors.ts'
import { exitCodeOfRun } from '../verdict/run-outcome.ts'
import { columns } from './columns.ts'

/** One playing of one scenario on a healthy deployment. */
export interface HealthyPlaying {
  readonly scenario: string
  readonly outcome: Summary['outcome']
  readonly seed: number
  /** Why it did not pass; empty where it did. */
  readonly because: string
  /** Why each attempt before this one proved nothing. */
  readonly before: readonly string[]
}

/** What is played, and on what machine: shares over slices of several kinds would be of nothing. */
export interface Asked {
  readonly suite: string
  readonly isOversubscribed: boolean
  /** How often what proved nothing is played again. */
  readonly reruns: number
}

/** A suite played once, as it is kept for the slices to come. */
export interface Repetition extends Partial<Asked> {
  readonly seed: number
  /** What was played; null where nobody knows. */
  readonly commit: string | null
  /** ISO 8601. */
  readonly startedAt: string
  readonly tookMs: number
  readonly playings: readonly HealthyPlaying[]
  /** Why the run as a whole shows less than its playings do; absent where it does not. */
  readonly less?: readonly string[]
  /** Planted defects that passed, drilled beside it; absent where none were. Such a slice has no playings. */
  readonly blind?: readonly string[]
}

/** What slices were of before they said so. */
const BEFORE: Asked = { suite: 'acceptance', isOversubscribed: false, reruns: 1 }

/** Throws ScenarioError where a file holds slices of another suite, or of a machine that was busy otherwise. */
export const refuseOthers = (file: string | null, kept: readonly Repetition[], asked: Asked): void => {
  const say = ({ suite, isOversubscribed, reruns }: Asked): string =>
    `${suite}${isOversubscribed ? ', oversubscribed' : ''}${reruns === BEFORE.reruns ? '' : `, with ${reruns} reruns`}`
  const other = kept
    .map(({ suite = BEFORE.suite, isOversubscribed = BEFORE.isOversubscribed, reruns = BEFORE.reruns }) =>
      say({ suite, isOversubscribed, reruns }),
    )
    .find((held) => held !== say(asked))
  if (other === undefined) return
  throw new ScenarioError(
    `${file} holds slices of ${other}: expected those of ${say(asked)}. Keep these in another file.`,
    {
      code: 'ERR_FLAG',
    },
  )
}

/** The share of playings that may be inconclusive. */
const MOST_INCONCLUSIVE = 0.02

/**
 * Every playing of a run, with why it did not pass, and what became of the attempts before it. One whose earlier doubt may be the
 * deployment's is inconclusive, as its run is, also where it passed when it was played again.
 */
export const playingsOf = ({
  scenarios,
  seed,
  attempts = [],
}: Pick<Summary, 'scenarios' | 'seed' | 'attempts'>): readonly HealthyPlaying[] =>
  scenarios.map(({ folder, outcome, because = '' }) => {
    const own = attempts.filter(({ name }) => name === folder)
    const doubted = outcome === 'pass' ? own.find(({ stays }) => stays) : undefined
    return {
      scenario: folder,
      outcome: doubted ? 'inconclusive' : outcome,
      seed,
      because: doubted?.because ?? because,
      before: own.map((attempt) => attempt.because),
    }
  })

/**
 * Why a run shows less than its playings do, as words: something of it was not played or would not go, or it ended otherwise than they
 * say. Empty where it says no more than they.
 */
export const lessThanPlayings = (
  exitCode: number | null,
  summary: Pick<Summary, 'outcome' | 'skipped' | 'leftBehind' | 'couldNotRun'>,
  playings: readonly HealthyPlaying[],
): readonly string[] => {
  const { outcome, skipped, leftBehind, couldNotRun } = summary
  const said = [
    ...(couldNotRun === undefined ? [] : [couldNotRun]),
    ...(leftBehind === undefined ? [] : [`left behind: ${leftBehind}`]),
    ...skipped.map(({ name, because }) => `${name} was skipped: ${because}`),
  ]
  const worst = (['fail', 'inconclusive'] as const).find((each) => countOf(playings, each) > 0) ?? 'pass'
  if (said.length > 0 || (outcome === worst && exitCode === exitCodeOfRun(worst, { isAtFault: false }))) return said
  return [
    `it ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`} as ${outcome}, where its playings come to ${worst}`,
  ]
}

/** Planted defects that passed beside any of them. */
export const whyBlind = (repetitions: readonly Repetition[]): readonly string[] =>
  repetitions.flatMap(({ seed, blind = [] }) => blind.map((why) => `${why}, beside the run of seed ${seed}`))

/** The same of all that were played, each with its seed. */
export const whyRunsShowLess = (repetitions: readonly Repetition[]): readonly string[] =>
  repetitions.flatMap(({ seed, less = [] }) => less.map((why) => `the run of seed ${seed}: ${why}`))

const countOf = (playings: readonly HealthyPlaying[], outcome: HealthyPlaying['outcome']): number =>
  playings.filter((each) => each.outcome === outcome).length

const share = (some: number, all: number): string => `${some} of ${all} (${((some / all) * 100).toFixed(1)} %)`

/** Which commits were played, how often each, and from when to when: slices of one proof need not be of one day. */
export const saySlices = (slices: readonly Repetition[]): string => {
  const repetitions = slices.filter(({ blind }) => blind === undefined)
  const by = Map.groupBy(repetitions, ({ commit }) => commit ?? 'an unknown commit')
  const days = repetitions.map(({ startedAt }) => startedAt.slice(0, 10)).toSorted()
  const [first, last] = [days[0], days.at(-1)]
  const minutes = repetitions.map(({ tookMs }) => tookMs / 60_000)
  return `${[...by].map(([commit, of]) => `${of.length} of ${commit}`).join(', ')}; ${first === last ? first : `${first} to ${last}`}; ${Math.min(...minutes).toFixed(1)} to ${Math.max(...minutes).toFixed(1)} min each`
}

/** How many proved nothing when they were first played, and how many in the end. */
export const sayInconclusive = (playings: readonly HealthyPlaying[]): string => {
  const isDoubtful = ({ outcome }: HealthyPlaying): boolean => outcome === 'inconclusive'
  const atFirst = playings.filter((each) => each.before.length > 0 || isDoubtful(each)).length
  return `inconclusive at first: ${share(atFirst, playings.length)}; in the end: ${share(countOf(playings, 'inconclusive'), playings.length)}`
}

/** Why it was not shown; empty where it was. With the machine oversubscribed any number may be inconclusive. */
export const whyNotSpecific = (
  playings: readonly HealthyPlaying[],
  { isOversubscribed }: { readonly isOversubscribed: boolean },
): readonly string[] => {
  const failed = countOf(playings, 'fail')
  const inconclusive = countOf(playings, 'inconclusive')
  const share = inconclusive / playings.length
  return [
    ...(playings.length === 0 ? ['nothing was played'] : []),
    ...(failed === 0 ? [] : [`${failed} of ${playings.length} failed`]),
    ...(isOversubscribed || !(share > MOST_INCONCLUSIVE)
      ? []
      : [`${inconclusive} of ${playings.length} were inconclusive, more than ${MOST_INCONCLUSIVE * 100} %`]),
  ]
}

/** A line a scenario, then each playing that did not pass with its reasons. */
export const specificityTable = (playings: readonly HealthyPlaying[]): string => {
  const by = [...Map.groupBy(playings, ({ scenario }) => scenario)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const countsOf = (of: readonly HealthyPlaying[]): readonly number[] => [
    of.length,
    ...(['pass', 'inconclusive', 'fail'] as const).map((outcome) => countOf(of, outcome)),
    of.reduce((sum, { before }) => sum + before.length, 0),
  ]
  const rows = by.map(([scenario, of]) => [scenario, ...countsOf(of).map(String)])
  const reasons = playings.flatMap(({ scenario, outcome, seed, because, before }) => [
    ...before.map((why) => `played again  ${scenario}, seed ${seed}: ${why}`),
    ...(outcome === 'pass' ? [] : [`${outcome}  ${scenario}, seed ${seed}: ${because || 'nothing says why'}`]),
  ])
  return [columns([['scenario', 'played', 'pass', 'inconclusive', 'fail', 'again'], ...rows]), ...reasons].join('\n')
}
