// The words after a verb: those that it knows, and a sentence for every other.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'

interface Known<T extends ParseArgsOptionsConfig> {
  readonly options: T
  /** What words without dashes are, 'scenario names'; absent: there are none. */
  readonly names?: string
}

/** Parses what came after a verb. Throws ScenarioError ERR_FLAG on a word that it does not know, and lists those it does. */
export const wordsOf = <T extends ParseArgsOptionsConfig>(
  verb: string,
  argv: readonly string[],
  { options, names }: Known<T>,
) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: names !== undefined })
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`)
    const flags = known.length > 0 ? `any of ${known.join(', ')}` : undefined
    const expected = [names, flags].filter((each) => each !== undefined).join(' and ') || `nothing after ${verb}`
    throw new ScenarioError(`${(error as Error).message.split('. ')[0]}. Expected ${expected}.`, {
      code: 'ERR_FLAG',
      cause: error,
    })
  }
}
