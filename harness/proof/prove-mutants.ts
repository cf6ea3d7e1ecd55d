// prove:mutants: every line that lies is planted in a copy of the code, one at a time, and a test has to fail for each.
import { parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { copyOfCode, killerOf, runTests } from './mutation.ts'

/** Those whose description holds the words; all of them where none are given. Throws ScenarioError where there is none. */
const chosen = (only: string | undefined): readonly Mutant[] => {
  const found = MUTANTS.filter(({ what }) => only === undefined || what.includes(only))
  if (found.length > 0) return found
  throw new ScenarioError(
    `--only '${only}' names no mutant: expected words that say what one of them does, as in harness/proof/mutants.ts.`,
    {
      code: 'ERR_FLAG',
    },
  )
}

export const OPTIONS = { only: { type: 'string' } } as const

/** `--only 'words'`. A line a mutant, then the sum; 0 where every one was killed, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const mutants = chosen(values.only)
  const copy = await copyOfCode()
  try {
    const { passed, failed } = await runTests(copy.folder, [...new Set(mutants.flatMap(({ killedBy }) => killedBy))])
    for (const title of failed) console.log(`  fails without any mutant, and so kills none: ${title}`)
    const sound = new Set(passed)
    let survivors = 0
    for (const mutant of mutants) {
      const startedAt = performance.now()
      const killer = await killerOf(copy.folder, mutant, sound)
      if (killer === null) survivors += 1
      const took = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
      console.log(
        `  ${killer === null ? 'SURVIVED' : 'killed  '} ${took.padStart(4)}  ${mutant.what}${killer === null ? '' : ` | ${killer}`}`,
      )
    }
    console.log(`\n${mutants.length - survivors} of ${mutants.length} mutants were killed.`)
    return survivors === 0 ? 0 : 1
  } finally {
    await copy.remove()
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
