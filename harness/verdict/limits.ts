// Limits as they are written: how each objective's is, what it amounts to, and which of two is looser. A judge would only shrug at one it cannot read.
import { limitMs, limitNumber, multipleOf } from './case.ts'
import { OBJECTIVES, type Objectives } from './objectives.ts'

type Demanded = string | number

interface Manner {
  /** For people: "a duration as '250ms'". */
  readonly expected: string
  /** Throws RangeError, or is false, where it is not written so. */
  readonly isFit: (demanded: Demanded) => boolean
  /** More of it is better: the limit is the least that is demanded. */
  readonly isAtLeast?: true
}

const count: Manner = { expected: 'a number from 0 on', isFit: (demanded) => limitNumber(demanded) >= 0 }
const any: Manner = { expected: `'any'`, isFit: (demanded) => demanded === 'any' }
const share: Manner = { expected: 'a share from 0 to 1', isFit: (demanded) => limitNumber(demanded) <= 1 }
const time: Manner = { expected: "a duration as '250ms'", isFit: (demanded) => limitMs(demanded) >= 0 }
const multiple: Manner = { expected: "a multiple as '2x'", isFit: (demanded) => multipleOf(demanded) !== null }

const either = (one: Manner, other: Manner): Manner => ({
  expected: `${one.expected} or ${other.expected}`,
  isFit: (demanded) => isWritten(one, demanded) || isWritten(other, demanded),
})

const atLeast = (manner: Manner): Manner => ({ ...manner, isAtLeast: true })

const MANNERS: Readonly<Record<keyof Objectives, Manner>> = {
  fullOutage: time,
  partialOutage: time,
  lostCalls: either(count, any),
  lostOnReturn: count,
  lostTime: time,
  availability: atLeast(share),
  p50: either(time, multiple),
  p99: either(time, multiple),
  p999: either(time, multiple),
  p99VsSteady: multiple,
  recoveredP99: either(time, multiple),
  recoveredP99VsSteady: multiple,
  ejection: time,
  readmission: time,
  emptied: time,
  admittedUnconfigured: count,
  recovery: time,
  convergence: time,
  writeOutage: time,
  unansweredChanges: count,
  dashboards: atLeast(count),
  storeAge: time,
  dashboardOutage: time,
  uiStall: time,
  signOuts: count,
  lostChanges: count,
  duplicates: count,
  survivors: atLeast(count),
  headroom: atLeast(count),
  imbalance: either(count, multiple),
}

const isWritten = ({ isFit }: Manner, demanded: unknown): boolean => {
  try {
    return (typeof demanded === 'string' || typeof demanded === 'number') && isFit(demanded)
  } catch {
    return false
  }
}

/** Whether there is an objective of that name. */
export const isObjective = (name: string): name is keyof Objectives => (OBJECTIVES as readonly string[]).includes(name)

/** How a limit of this objective is written; null where this one is written so. */
export const expectedLimit = (objective: keyof Objectives, demanded: unknown): string | null =>
  isWritten(MANNERS[objective], demanded) ? null : MANNERS[objective].expected

/** Whether more of it is better: its limit is the least that is demanded. */
export const isAtLeast = (objective: string): boolean => isObjective(objective) && MANNERS[objective].isAtLeast === true

/** A limit as a number: ms of a duration, else times, things or a share; null where it is none of them. */
export const amountOf = (limit: Demanded): { readonly in: 'ms' | 'number'; readonly amount: number } | null => {
  if (typeof limit === 'number') return { in: 'number', amount: limit }
  const multiple = multipleOf(limit)
  if (multiple !== null) return { in: 'number', amount: multiple }
  return isWritten(time, limit) ? { in: 'ms', amount: limitMs(limit) } : null
}

/** Whether a limit lets through what its default would not. Of limits of two kinds nobody can say, so they count as looser. */
export const isLooser = (objective: string, demanded: Demanded, byDefault: Demanded | null): boolean => {
  if (byDefault === null || demanded === byDefault) return false
  const [one, other] = [amountOf(demanded), amountOf(byDefault)]
  if (!one || !other || one.in !== other.in) return true
  return isAtLeast(objective) ? one.amount < other.amount : one.amount > other.amount
}
