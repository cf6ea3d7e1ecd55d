// bench:accuracy: the sensor against outages that really happened, at instants read from outside of it; and autocannon beside it.
import { parseArgs } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { accuracyTable, cellsIn, concluded } from './accuracy.ts'
import { notesOn } from './accuracy-notes.ts'
import type { RunRecord } from './accuracy-record.ts'
import { runCallers } from './accuracy-run.ts'
import { setApart } from './apart.ts'
import { runAutocannon } from './autocannon-run.ts'
import { runBlackHole } from './black-hole-run.ts'
import { ASKED_KINDS, type AskedKind, dealt } from './deal.ts'
import { keep, keptIn } from './slices.ts'
import { wholeNumber } from './whole-number.ts'

interface Asked {
  readonly kinds: readonly AskedKind[]
  readonly rates: readonly number[]
  readonly lengthsMs: readonly number[]
  readonly times: number
  readonly soakS: number
  /** Records of slices before this one, and where those of this one go. */
  readonly keep: string | null
}

/** Of the outages that we see, autocannon is shown every so-manieth. */
const CANNON_SHARE = 6

export const OPTIONS = {
  kinds: { type: 'string', default: ASKED_KINDS.join() },
  rates: { type: 'string', default: '100,200,1000,2000' },
  lengths: { type: 'string', default: '10,20,50,100,200,500,2000,10000' },
  times: { type: 'string', default: '60' },
  'soak-seconds': { type: 'string', default: '120' },
  keep: { type: 'string' },
} as const

const asked = (argv: readonly string[]): Asked => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const numbers = (flag: string, said: string): readonly number[] =>
    said.split(',').map((each) => wholeNumber(flag, each, 1))
  return {
    kinds: values.kinds.split(',').map(kindNamed),
    rates: numbers('--rates', values.rates),
    lengthsMs: numbers('--lengths', values.lengths),
    times: wholeNumber('--times', values.times, 1),
    soakS: wholeNumber('--soak-seconds', values['soak-seconds'], 5),
    keep: values.keep ?? null,
  }
}

const kindNamed = (name: string): AskedKind => {
  const kind = ASKED_KINDS.find((each) => each === name)
  if (kind) return kind
  throw new ScenarioError(`--kinds has '${name}': expected some of ${ASKED_KINDS.join(', ')}.`, { code: 'ERR_FLAG' })
}

/** One kind at one rate, run by run; where it applies each run of ours is followed by one of autocannon's. */
async function* runsOf(kind: AskedKind, rate: number, { soakS, ...of }: Asked): AsyncGenerator<RunRecord> {
  if (kind === 'soak') {
    yield await runCallers({ kind: 'stall', rate, lengthsMs: [], tailMs: soakS * 1000 })
    return
  }
  for (const lengthsMs of dealt({ ...of, kind })) {
    if (kind === 'black-hole' || kind === 'one-of-two') {
      yield await runBlackHole({ server: kind === 'one-of-two' ? kind : 'alone', rate, lengthsMs })
    } else {
      yield await runCallers({ kind, rate, lengthsMs })
      yield await runAutocannon({ kind, rate, lengthsMs: lengthsMs.filter((_, i) => i % CANNON_SHARE === 0) })
    }
  }
}

/**
 * `--kinds … --rates … --lengths … --times 60 --soak-seconds 120 --keep file`. Prints the table of all that the file holds; 0 where
 * every target was met, 1 otherwise: also where nothing is asked of any outage that was made.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const of = asked(argv)
  const records = [...keptIn<RunRecord>(of.keep)]
  // Who reads the clock before and after a signal must not sleep in between.
  await setApart(process.pid, 'bench')
  for (const rate of of.rates)
    for (const kind of of.kinds)
      for await (const record of runsOf(kind, rate, of)) {
        records.push(record)
        keep(of.keep, record)
        console.log(`  ${record.by}, ${kind} at ${rate} calls/s: ${record.sightings.length} made`)
      }
  const cells = cellsIn(records)
  const notes = notesOn(records)
  console.log(`\n${accuracyTable(cells)}\n`)
  for (const { says } of notes) console.log(says)
  const { says, isMet } = concluded(
    cells,
    notes.flatMap((note) => note.missed ?? []),
  )
  console.log(says)
  return isMet ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
