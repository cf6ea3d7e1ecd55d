// bench:memory: 1.2 million calls on one fast lane, and whether the callers and the harness stay as large as they were.
import { parseArgs } from 'node:util'
import { MOST_MB, watchMemory, whyNotFlat } from './flat-memory.ts'
import { wholeNumber } from './whole-number.ts'

export const OPTIONS = { calls: { type: 'string' }, rate: { type: 'string' } } as const

/** `--calls 1200000 --rate 10000`. 0 where memory stayed flat while nearly all of them were answered, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const calls = wholeNumber('--calls', values.calls ?? '1200000', 1000)
  const rate = wholeNumber('--rate', values.rate ?? '10000', 1)
  const grown = await watchMemory({ calls, rate })
  const mb = (value: number): string => `${value.toFixed(1)} MB`
  console.log(
    `  ${grown.calls.toLocaleString('en-US')} calls in ${(grown.tookMs / 1000).toFixed(0)} s, ${grown.answered.toLocaleString('en-US')} answered, ${mb(grown.onDiskMb)} on disk`,
  )
  console.log(`  callers grew by ${mb(grown.callersMb)}, the harness by ${mb(grown.harnessMb)}, of ${MOST_MB} MB each`)
  const why = whyNotFlat(grown, { calls })
  if (why.length > 0) console.log(`Missed: ${why.join('; ')}.`)
  return why.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
