// A whole number from the command line.
import { ScenarioError } from '../time/errors.ts'

/** Throws ScenarioError on anything else, or below `least`. */
export const wholeNumber = (flag: string, said: string, least: number): number => {
  if (/^\d+$/.test(said) && Number(said) >= least) return Number(said)
  throw new ScenarioError(`${flag} is '${said}': expected a whole number from ${least} on.`, { code: 'ERR_FLAG' })
}
