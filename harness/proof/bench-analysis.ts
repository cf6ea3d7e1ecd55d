// bench:analysis: ten million calls as a run's files, then analysis and report of them, timed in a process of their own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Judging, judgedApart, judgingTable, missedBy } from './analysis-bench.ts'
import { writeLongRun } from './long-run.ts'
import { wholeNumber } from './whole-number.ts'

export const OPTIONS = { calls: { type: 'string' }, times: { type: 'string' } } as const

/** `--calls 10000000 --times 3`. Prints the table; 0 where every target was met, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const calls = wholeNumber('--calls', values.calls ?? '10000000', 1000)
  const times = wholeNumber('--times', values.times ?? '3', 1)
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-long-run-'))
  try {
    console.log(`  ${writeLongRun(folder, calls).toLocaleString('en-US')} calls written`)
    const all: Judging[] = []
    for (let i = 0; i < times; i += 1) all.push(await judgedApart(folder))
    console.log(`\n${judgingTable(all)}\n`)
    const missed = missedBy(all)
    console.log(
      `Analysis reads the files, judges and writes verdict and histograms. ${missed.length === 0 ? 'Every target is met.' : `Missed: ${missed.join(', ')}.`}`,
    )
    return missed.length === 0 ? 0 : 1
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
