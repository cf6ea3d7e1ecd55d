// prove:defects: every planted defect is drilled, and each has to fail its scenario and be named.
import { parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { drillPlanted, PLANTED, type Planted, whyNotFound } from './planted.ts'

/** The rows that `--only` names; all of them where it is not given. Throws ScenarioError on an id that nobody planted. */
const chosen = (only: string | undefined): readonly Planted[] => {
  if (only === undefined) return PLANTED
  const ids = only.split(',')
  const unknown = ids.filter((id) => !PLANTED.some(({ defect }) => defect === id))
  if (unknown.length > 0)
    throw new ScenarioError(
      `--only names ${unknown.join(', ')}: expected ids among ${[...new Set(PLANTED.map(({ defect }) => defect))].join(', ')}.`,
      { code: 'ERR_FLAG' },
    )
  return PLANTED.filter(({ defect }) => ids.includes(defect))
}

/** `--only M10,M11`. A line a defect, then the sum; 0 where every one was found, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: { only: { type: 'string' } } })
  const all = chosen(values.only)
  let missed = 0
  for (const planted of all) {
    const startedAt = performance.now()
    const found = await drillPlanted(planted)
    const why = whyNotFound(planted, found)
    if (why.length > 0) missed += 1
    const told =
      why.length === 0 ? `found by ${planted.objective}, names ${found.culprit}` : `MISSED: ${why.join('; ')}`
    const took = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
    console.log(`  ${planted.defect}  ${planted.scenario.padEnd(24)} ${took.padStart(5)}  ${told}`)
  }
  console.log(`\n${all.length - missed} of ${all.length} planted defects were found and named.`)
  return missed === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
