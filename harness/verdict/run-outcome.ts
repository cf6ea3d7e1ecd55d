// How a run ended as a whole, and the exit code that says so: what CI acts on.
import type { VerdictOutcome } from './verdict.ts'

/** Something that ended in one way. */
interface Ended {
  readonly outcome: VerdictOutcome
}

/** All that a run is judged by. */
export interface RunShown {
  /** Every scenario that was asked for. */
  readonly scenarios: readonly Ended[]
  readonly distributions: readonly Ended[]
  /** What was set aside to be played again. `stays`: the deployment itself may be to blame for what was not proven, whatever was played after it. */
  readonly attempts: readonly (Ended & { readonly stays?: true })[]
  /** Whether something required does not apply to its deployment, and so was not shown. */
  readonly isMissing: boolean
  /** Whether the machine or the request was at fault. */
  readonly isAtFault: boolean
  /** Whether something of the run would not go. */
  readonly hasLeftSomething: boolean
  /** Whether Playwright ended as if something had not passed, and nothing that was judged says what. */
  readonly hasEndedOddly: boolean
}

/** A failure stands, an attempt's too, whatever became of the rest; of nothing nothing is proven. */
export const outcomeOfRun = ({ scenarios, distributions, attempts, ...run }: RunShown): VerdictOutcome => {
  const outcomes = [...scenarios, ...distributions].map(({ outcome }) => outcome)
  if ([...outcomes, ...attempts.map(({ outcome }) => outcome)].includes('fail')) return 'fail'
  const hasDoubt = run.isMissing || run.isAtFault || run.hasLeftSomething || run.hasEndedOddly
  if (hasDoubt || outcomes.length === 0 || attempts.some(({ stays }) => stays)) return 'inconclusive'
  return outcomes.includes('inconclusive') ? 'inconclusive' : 'pass'
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 2 } as const

/** 0, 1 and 2 by its outcome; 3 where the machine or the request was at fault, and nothing failed before that. */
export const exitCodeOfRun = (outcome: VerdictOutcome, { isAtFault }: Pick<RunShown, 'isAtFault'>): 0 | 1 | 2 | 3 =>
  isAtFault && outcome !== 'fail' ? 3 : EXIT_CODES[outcome]
