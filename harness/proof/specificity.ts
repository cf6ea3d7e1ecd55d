// How a suite fared on healthy deployments, played again and again: not one may fail, and few may prove nothing.
import type { Summary } from '../report/summary.ts'
import { columns } from './columns.ts'

/** One playing of one scenario on a healthy deployment. */
export interface HealthyPlaying {
  readonly scenario: string
  readonly outcome: Summary['outcome']
  readonly seed: number
  /** Why it did not pass; empty where it did. */
  readonly because: string
}

/** The share of playings that may be inconclusive. */
export const MOST_INCONCLUSIVE = 0.02

/** Every playing of a run, with why it did not pass. */
export const playingsOf = ({ scenarios, seed }: Pick<Summary, 'scenarios' | 'seed'>): readonly HealthyPlaying[] =>
  scenarios.map(({ folder, outcome, because = '' }) => ({ scenario: folder, outcome, seed, because }))

const countOf = (playings: readonly HealthyPlaying[], outcome: HealthyPlaying['outcome']): number =>
  playings.filter((each) => each.outcome === outcome).length

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
  const rows = by.map(([scenario, of]) => [
    scenario,
    ...[of.length, countOf(of, 'pass'), countOf(of, 'inconclusive'), countOf(of, 'fail')].map(String),
  ])
  const reasons = playings
    .filter(({ outcome }) => outcome !== 'pass')
    .map(
      ({ scenario, outcome, seed, because }) =>
        `${outcome}  ${scenario}, seed ${seed}: ${because || 'nothing says why'}`,
    )
  return [columns([['scenario', 'played', 'pass', 'inconclusive', 'fail'], ...rows]), ...reasons].join('\n')
}
