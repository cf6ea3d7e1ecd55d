// The words after a verb: those that it knows, and a sentence for every other.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'

interface Known<T extends ParseArgsOptionsConfig> {
  readonly options: T
  /** What words without dashes are, 'scenario names'; absent: there are none. */
  readonly names?: string
}

/**
 * Parses what came after a verb. Throws ScenarioError ERR_FLAG on a word that it does not know, and lists those it does; on a flag that
 * npm took for its own; and on one with nothing in it.
 */
export const wordsOf = <T extends ParseArgsOptionsConfig>(
  verb: string,
  argv: readonly string[],
  { options, names }: Known<T>,
) => {
  refuseTaken(verb, Object.keys(options))
  const parsed = parsedWords(verb, argv, { options, ...(names !== undefined && { names }) })
  const empty = Object.entries(parsed.values).find(([, value]) => typeof value === 'string' && value.trim() === '')
  if (empty === undefined) return parsed
  throw new ScenarioError(`--${empty[0]} is empty: expected a value after it, or no --${empty[0]}.`, {
    code: 'ERR_FLAG',
  })
}

/** `npm run drill --all` gives --all to npm, which hands it on as a variable, and not as a word. */
const refuseTaken = (verb: string, flags: readonly string[]): void => {
  const taken = flags.filter((flag) => process.env[`npm_config_${flag.replaceAll('-', '_')}`])
  if (taken.length === 0) return
  const said = taken.map((flag) => `--${flag}`).join(', ')
  throw new ScenarioError(
    `npm took ${said} for its own, and ${verb} was not told: put -- before the flags, as in \`npm run ${verb} -- ${said}\`.`,
    { code: 'ERR_FLAG' },
  )
}

const parsedWords = <T extends ParseArgsOptionsConfig>(
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
