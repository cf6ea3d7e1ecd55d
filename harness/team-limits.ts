// A team's own limits, { "<scenario>": { "<objective>": limit } }: refused where one could not be meant, or it would never be applied.
import type { Demand, EventOf } from './history/event.ts'
import { ScenarioError } from './time/errors.ts'
import { expectedLimit, isObjective } from './verdict/limits.ts'
import { OBJECTIVES } from './verdict/objectives.ts'

/** By scenario and objective. */
export type TeamLimits = Readonly<Record<string, Readonly<Record<string, string | number>>>>

const refusal = (from: string, because: string, cause?: unknown): ScenarioError =>
  new ScenarioError(`${from} ${because}`, { code: 'ERR_OBJECTIVES', cause })

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The limits in a text that came `from` somewhere, '--objectives team.json'. Throws ScenarioError ERR_OBJECTIVES on what is none. */
export const teamLimits = (from: string, text: string): TeamLimits => {
  const limits = parsed(from, text)
  if (!isFields(limits))
    throw refusal(from, `holds ${JSON.stringify(limits)}: expected an object of scenarios and their limits.`)
  for (const [scenario, demand] of Object.entries(limits)) {
    if (!isFields(demand))
      throw refusal(from, `has ${JSON.stringify(demand)} for ${scenario}: expected an object of objectives and limits.`)
    for (const [objective, limit] of Object.entries(demand)) refuseUnfit(from, { scenario, objective, limit })
  }
  return limits as TeamLimits
}

const parsed = (from: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refusal(from, `is not JSON: ${(cause as Error).message}.`, cause)
  }
}

const refuseUnfit = (
  from: string,
  { scenario, objective, limit }: { readonly scenario: string; readonly objective: string; readonly limit: unknown },
): void => {
  if (!isObjective(objective))
    throw refusal(from, `has ${scenario} demand ${objective}: expected objectives among ${OBJECTIVES.join(', ')}.`)
  const expected = expectedLimit(objective, limit)
  if (expected !== null)
    throw refusal(from, `has ${scenario} demand ${objective} ${JSON.stringify(limit)}: expected ${expected}.`)
}

/** Throws ScenarioError ERR_OBJECTIVES where a script's own claim has a limit that could not be meant, an availability of 99.9 say. */
export const refuseUnfitClaim = (scenario: string, demand: Demand): void => {
  for (const [objective, limit] of Object.entries(demand)) refuseUnfit('The script', { scenario, objective, limit })
}

/** Throws ScenarioError ERR_TWO_CLAIMS where a script claims again and leaves out, or changes, what it demanded before: the last claim alone is judged. */
export const refuseOtherClaim = (before: Demand = {}, demand: Demand): void => {
  const other = Object.keys(before).filter((objective) => demand[objective] !== before[objective])
  if (other.length === 0) return
  throw new ScenarioError(
    `The script claims again and does not demand ${other.join(', ')} as it did before: the last claim alone would be judged. Demand all of it in one expect(history).toMeet(...).`,
    { code: 'ERR_TWO_CLAIMS' },
  )
}

/** Throws ScenarioError ERR_OBJECTIVES where limits are of a scenario that is not among these: nobody would ever apply them. */
export const refuseStrangers = (from: string, limits: TeamLimits, scenarios: readonly string[]): void => {
  const strangers = Object.keys(limits).filter((name) => !scenarios.includes(name))
  if (strangers.length === 0) return
  throw refusal(from, `has limits for ${strangers.join(', ')}: expected scenarios among ${scenarios.join(', ')}.`)
}

/** A script's claim with a team's limits for it put in, and beside that what the script demanded itself where those are others. */
export const heldTo = (
  script: Demand,
  limits: TeamLimits[string] = {},
): Pick<EventOf<'claim'>, 'demand' | 'script'> => {
  const others = Object.keys(limits).filter((objective) => limits[objective] !== script[objective])
  const replaced = Object.fromEntries(others.map((objective) => [objective, script[objective] ?? null]))
  return { demand: { ...script, ...limits }, ...(others.length > 0 && { script: replaced }) }
}
