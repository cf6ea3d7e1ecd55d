// bench:faults: from inject to in effect and from heal to clear, p50 and p95 for each kind, against the targets.
import { parseArgs } from 'node:util'
import { KINDS_AT_HAND } from '../fault/kinds-at-hand.fixture.ts'
import { startSmallDeployment } from '../fault/kit.fixture.ts'
import { type Benched, benched, benchTable, HELD_MS, missedBy } from './fault-bench.ts'
import { wholeNumber } from './whole-number.ts'

const SUBNET = '10.213.86'

export const OPTIONS = { times: { type: 'string' } } as const

/** `--times 20`. Prints the table; 0 where every target was met, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const times = wholeNumber('--times', values.times ?? '20', 1)
  const deployment = await startSmallDeployment({ pairs: 1, subnet: SUBNET })
  try {
    const all: Benched[] = []
    for (const of of KINDS_AT_HAND) {
      const one = await benched(deployment, of, times)
      all.push(one)
      console.log(`  ${of.name}: ${one.all.length} of ${times} measured`)
      for (const doubt of one.doubts) console.log(`    called out: ${doubt}`)
    }
    console.log(`\n${benchTable(all)}\n`)
    console.log(
      `${times} injections a kind, to the last instant of the witnesses' bounds. Network faults were held for ${HELD_MS / 1000} s; established is a connection that was open before and asked meanwhile. Where a program has to start again its start is in the time to clear.`,
    )
    return all.every((one) => missedBy(one).length === 0) ? 0 : 1
  } finally {
    await deployment.end()
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
