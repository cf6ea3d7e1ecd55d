// prove:sensitivity: every planted defect is drilled by the scenario that should find it, and has to fail it and be named.
import { parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { columns } from './columns.ts'
import { drillPlanted, type Found, PLANTED, type Planted, whyNotFound } from './planted.ts'

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

/** One defect and what came of it. */
interface Row {
  readonly planted: Planted
  readonly found: Found
  readonly tookMs: number
}

const HEADINGS = ['defect', 'scenario', 'stack', 'found', 'by objective', 'names', 'culprit right', 'took']

const cellsOf = ({ planted, found, tookMs }: Row): readonly string[] => [
  planted.defect,
  planted.scenario,
  planted.stack ?? 'high-availability',
  found.outcome === 'fail' && found.finding === 'fail' ? 'yes' : 'NO',
  planted.objective,
  found.culprit ?? 'nobody',
  found.culprit !== undefined && planted.culprit.test(found.culprit) ? 'yes' : 'NO',
  `${(tookMs / 1000).toFixed(0)} s`,
]

export const OPTIONS = { only: { type: 'string' } } as const

/** `--only M10,M11`. A line a defect as it is played, then the matrix and the sum; 0 where every one was found and named, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const rows: Row[] = []
  for (const planted of chosen(values.only)) {
    const startedAt = performance.now()
    const found = await drillPlanted(planted)
    const row = { planted, found, tookMs: performance.now() - startedAt }
    rows.push(row)
    const why = whyNotFound(planted, found)
    console.log(
      `  ${planted.defect}  ${why.length === 0 ? `found by ${planted.scenario}` : `MISSED by ${planted.scenario}: ${why.join('; ')}, see ${found.folder}`}`,
    )
  }
  const missed = rows.filter(({ planted, found }) => whyNotFound(planted, found).length > 0).length
  console.log(`\n${columns([HEADINGS, ...rows.map(cellsOf)])}`)
  console.log(`\n${rows.length - missed} of ${rows.length} planted defects were found and named.`)
  return missed === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
