// How soon a fault is in effect and clear, by its witnesses: many honest injections of one kind, one after another.

import { setTimeout as pause } from 'node:timers/promises'
import type { KindAtHand } from '../fault/kinds-at-hand.fixture.ts'
import type { Pair, SmallDeployment } from '../fault/kit.fixture.ts'
import { rehearse } from '../fault/rehearsal.fixture.ts'
import { columns } from './columns.ts'

/** One injection, in ms. `inEffect` and `clear` are from the intent, and from the heal, to the last instant of the bounds. */
export interface Measured {
  readonly inEffect: number
  readonly clear: number
  /** From the heal to the answer on a connection that was open before and asked meanwhile; null where it was not hit. */
  readonly established: number | null
}

export interface Benched {
  readonly of: KindAtHand
  readonly all: readonly Measured[]
  /** Injections that were called out: they are not measured. */
  readonly doubts: readonly string[]
}

/** How long a network fault is held: what an established connection takes to come back grows with it. */
export const HELD_MS = 1000
const ANSWER_LIMIT_MS = 15_000

/** Asks on a connection that was there before. Null where it is answered before the heal, or never. */
const askedMeanwhile = async (deployment: SmallDeployment, { target }: Pair) => {
  const [container] = target.containers
  const [port] = Object.values(container?.ports ?? {})
  if (!container || !port) throw new RangeError(`${target.name} has no port.`)
  const kept = await deployment.callers.keep(container.address, port.inside)
  // A first answer, so that it is established on both sides.
  await kept.ask(ANSWER_LIMIT_MS)
  let answer: ReturnType<typeof kept.ask> | undefined
  return {
    ask: () => {
      answer = kept.ask(ANSWER_LIMIT_MS)
    },
    /** When it was answered, ms since the run began. */
    answeredAt: async (): Promise<number | null> => {
      const said = await answer
      kept.close()
      return said?.outcome === 'answered' ? said.to : null
    },
  }
}

const measured = (deployment: SmallDeployment, of: KindAtHand): Promise<Measured | readonly string[]> =>
  deployment.withPair(async (pair) => {
    const asked = of.hits ? await askedMeanwhile(deployment, pair) : null
    const during = async (): Promise<void> => {
      asked?.ask()
      if (asked) await pause(HELD_MS)
    }
    const { doubts, fault, events } = await rehearse(deployment, {
      kind: of.make(deployment),
      target: pair.target,
      during,
    })
    const answeredAt = (await asked?.answeredAt()) ?? null
    const healAt = events.find((event) => event.kind === 'fault' && event.stage === 'heal')?.at
    const inEffectAt = fault?.inEffectBounds?.[1]
    const clearAt = fault?.clearBounds?.[1]
    if (doubts.length > 0) return doubts
    if (!fault || healAt === undefined || inEffectAt === undefined || clearAt === undefined)
      return [`${of.name}: nobody could bound when it was in effect, or clear`]
    return {
      inEffect: inEffectAt - fault.intendedAt,
      clear: clearAt - healAt,
      established: answeredAt !== null && answeredAt > healAt ? answeredAt - healAt : null,
    }
  })

/** Measures one kind `times` times. */
export const benched = async (deployment: SmallDeployment, of: KindAtHand, times: number): Promise<Benched> => {
  const all: Measured[] = []
  const doubts: string[] = []
  for (let i = 0; i < times; i += 1) {
    const one = await measured(deployment, of)
    if ('inEffect' in one) all.push(one)
    else doubts.push(one.join('; '))
  }
  return { of, all, doubts }
}

/** The smallest value that `share` of all values do not exceed; NaN of none. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN

const inMs = (values: readonly number[], share: number): string =>
  values.length === 0 ? '-' : quantile(values, share).toFixed(0)

/** What a kind missed, as words; empty where it kept to everything it was held to. */
export const missedBy = ({ of, all, doubts }: Benched): readonly string[] => {
  const p95 = (of: 'inEffect' | 'clear') =>
    quantile(
      all.map((each) => each[of]),
      0.95,
    )
  const { inEffect, clear } = of.targetMs ?? {}
  return [
    ...(doubts.length > 0 ? [`${doubts.length} called out`] : []),
    // NaN, where there is no value, is a miss.
    ...(inEffect === undefined || p95('inEffect') <= inEffect ? [] : ['in effect']),
    ...(clear === undefined || p95('clear') <= clear ? [] : ['clear']),
  ]
}

const verdictOf = (one: Benched): string => {
  const missed = missedBy(one)
  if (missed.length > 0) return `missed: ${missed.join(', ')}`
  return one.of.targetMs ? 'met' : '-'
}

/** All kinds, p50 and p95 in ms, with their targets. */
export const benchTable = (all: readonly Benched[]): string =>
  columns([
    ['ms', 'in effect p50', 'p95', 'target', 'clear p50', 'p95', 'target', 'established p50', 'p95', 'verdict'],
    ...all.map((one) => {
      const { of, all: some } = one
      const inEffect = some.map((each) => each.inEffect)
      const clear = some.map((each) => each.clear)
      const established = some.flatMap((each) => each.established ?? [])
      return [
        of.name,
        inMs(inEffect, 0.5),
        inMs(inEffect, 0.95),
        of.targetMs?.inEffect === undefined ? '-' : `<= ${of.targetMs.inEffect}`,
        inMs(clear, 0.5),
        inMs(clear, 0.95),
        of.targetMs?.clear === undefined ? '-' : `<= ${of.targetMs.clear}`,
        inMs(established, 0.5),
        inMs(established, 0.95),
        verdictOf(one),
      ]
    }),
  ])
