// Injections of which a third are sabotaged: every one of those has to be called out, and none of the others.

import type { Kind } from '../fault/kind.ts'
import type { KindAtHand } from '../fault/kinds-at-hand.fixture.ts'
import type { Pair, SmallDeployment } from '../fault/kit.fixture.ts'
import { rehearse } from '../fault/rehearsal.fixture.ts'
import { noOp, reversedEarly, wrongTarget } from '../fault/sabotage.ts'
import { seeded } from '../topology/group.ts'
import { columns } from './columns.ts'

const SABOTAGES = {
  'no-op': (kind: Kind) => noOp(kind),
  'wrong target': (kind: Kind, { other }: Pair) => wrongTarget(kind, other),
  'early reversal': (kind: Kind) => reversedEarly(kind),
} as const

export type Sabotage = keyof typeof SABOTAGES

export interface Injection {
  readonly of: KindAtHand
  /** null: honest. */
  readonly sabotage: Sabotage | null
}

/** What became of one, and why it was called out: empty where it was not. */
export interface Told extends Injection {
  readonly doubts: readonly string[]
}

const shuffled = <T>(values: readonly T[], random: () => number): readonly T[] =>
  values
    .map((value) => ({ value, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value)

/** `count` cards of a deck that is shuffled anew whenever it is through: none comes twice before all came. */
const dealt = <T>(deck: readonly T[], count: number, random: () => number): readonly T[] =>
  Array.from({ length: Math.ceil(count / deck.length) }, () => shuffled(deck, random))
    .flat()
    .slice(0, count)

/**
 * `times` injections in an order at random, a third of them sabotaged: every kind as often as any other, and every kind
 * sabotaged in every way. The same for one seed on every machine.
 */
export const drawn = (
  kinds: readonly KindAtHand[],
  { times, seed }: { readonly times: number; readonly seed: number },
): readonly Injection[] => {
  const random = seeded(seed)
  const third = Math.round(times / 3)
  const ways = Object.keys(SABOTAGES) as Sabotage[]
  const sabotaged = kinds.flatMap((of) => ways.map((sabotage) => ({ of, sabotage })))
  const honest = kinds.map((of) => ({ of, sabotage: null }))
  return shuffled([...dealt<Injection>(honest, times - third, random), ...dealt(sabotaged, third, random)], random)
}

/** Carries them out, as many at once as the deployment has pairs; `told` hears of each as it ends. */
export const carriedOut = (
  deployment: SmallDeployment,
  injections: readonly Injection[],
  told: (one: Told) => void = () => {},
): Promise<readonly Told[]> =>
  Promise.all(
    injections.map((injection) =>
      deployment.withPair(async (pair) => {
        const { of, sabotage } = injection
        const made = of.make(deployment)
        const kind = sabotage === null ? made : SABOTAGES[sabotage](made, pair)
        const { doubts } = await rehearse(deployment, { kind, target: pair.target })
        const one = { ...injection, doubts }
        told(one)
        return one
      }),
    ),
  )

export interface AttestationCounts {
  readonly honest: number
  /** Honest, and called out all the same. */
  readonly falseAlarms: number
  readonly sabotaged: number
  /** Sabotaged, and taken for a fault that happened. */
  readonly missed: number
}

export const isWrong = ({ sabotage, doubts }: Told): boolean => (sabotage === null) === doubts.length > 0

export const countsOf = (all: readonly Told[]): AttestationCounts => {
  const honest = all.filter(({ sabotage }) => sabotage === null)
  const sabotaged = all.filter(({ sabotage }) => sabotage !== null)
  return {
    honest: honest.length,
    falseAlarms: honest.filter(isWrong).length,
    sabotaged: sabotaged.length,
    missed: sabotaged.filter(isWrong).length,
  }
}

/** One sentence on an injection that was judged wrongly. */
export const sayWrong = ({ of, sabotage, doubts }: Told): string =>
  sabotage === null
    ? `An honest ${of.name} was called out: ${doubts.join('; ')}`
    : `A ${of.name} with ${sabotage} was taken for one that happened.`

/** The counts by kind, and of all. */
export const attestationTable = (all: readonly Told[]): string => {
  const rowOf = (name: string, some: readonly Told[]): readonly string[] => {
    const { honest, falseAlarms, sabotaged, missed } = countsOf(some)
    return [name, ...[honest, falseAlarms, sabotaged, sabotaged - missed, missed].map(String)]
  }
  const byName = Map.groupBy(all, ({ of }) => of.name)
  return columns([
    ['kind', 'honest', 'false alarms', 'sabotaged', 'called out', 'missed'],
    ...[...byName].map(([name, some]) => rowOf(name, some)).sort(([a = ''], [b = '']) => a.localeCompare(b)),
    rowOf('all', all),
  ])
}
