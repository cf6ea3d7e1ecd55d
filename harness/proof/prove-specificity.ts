// prove:specificity: a suite on healthy deployments, again and again. Nothing may fail; few may be inconclusive, each with its reason.
import { parseArgs } from 'node:util'
import { busyLoops } from './busy-loops.ts'
import { drillPlanted, PLANTED } from './planted.ts'
import { drilled, summaryOf } from './run-drill.ts'
import { keep, keptIn } from './slices.ts'
import {
  lessThanPlayings,
  playingsOf,
  type Repetition,
  refuseOthers,
  sayInconclusive,
  saySlices,
  specificityTable,
  whyBlind,
  whyNotSpecific,
  whyRunsShowLess,
} from './specificity.ts'
import { wholeNumber } from './whole-number.ts'

export const OPTIONS = {
  times: { type: 'string', default: '10' },
  suite: { type: 'string', default: 'acceptance' },
  seed: { type: 'string', default: '1' },
  oversubscribed: { type: 'boolean', default: false },
  'rerun-inconclusive': { type: 'string', default: '1' },
  keep: { type: 'string' },
} as const

/**
 * `--times N --suite S --seed N --rerun-inconclusive N --oversubscribed --keep file`: what proved nothing is played again as in the suite itself,
 * and told; with the machine oversubscribed planted defects are drilled too, of which none may pass. The table of all that the file holds, then
 * the sum; 0 where it was shown, 1 otherwise. Throws ScenarioError where the file holds slices of another suite or of another load.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const [times, first] = [wholeNumber('--times', values.times, 1), wholeNumber('--seed', values.seed, 0)]
  const reruns = wholeNumber('--rerun-inconclusive', values['rerun-inconclusive'], 0)
  const asked = { suite: values.suite, isOversubscribed: values.oversubscribed, reruns }
  const { isOversubscribed } = asked
  const file = values.keep ?? null
  const repetitions = [...keptIn<Repetition>(file)]
  refuseOthers(file, repetitions, asked)
  const load = isOversubscribed ? busyLoops() : null
  try {
    for (let seed = first; seed < first + times; seed += 1) {
      const began = performance.now()
      const run = await drilled([
        '--suite',
        values.suite,
        '--seed',
        String(seed),
        '--rerun-inconclusive',
        String(reruns),
      ])
      const summary = await summaryOf(run)
      const of = playingsOf(summary)
      const tookMs = performance.now() - began
      const { commit } = summary.provenance.harness
      const less = lessThanPlayings(run.exitCode, summary, of)
      const { startedAt } = summary
      const repetition = { ...asked, seed, commit, startedAt, tookMs, playings: of, ...(less.length > 0 && { less }) }
      repetitions.push(repetition)
      keep(file, repetition)
      const told = [
        ...of.filter(({ outcome }) => outcome !== 'pass').map(({ scenario, outcome }) => `${scenario} ${outcome}`),
        ...less,
      ]
      console.log(
        `  seed ${seed}  ${(tookMs / 60_000).toFixed(1)} min  ${of.length} played${told.length === 0 ? ', all passed' : `: ${told.join(', ')}`}`,
      )
    }
    if (isOversubscribed) {
      const [startedAt, began] = [new Date().toISOString(), performance.now()]
      const blind = await blindPasses()
      const commit = repetitions.at(-1)?.commit ?? null
      const tookMs = performance.now() - began
      const slice = { ...asked, seed: first + times - 1, commit, startedAt, tookMs, playings: [], blind }
      repetitions.push(slice)
      keep(file, slice)
    }
  } finally {
    await load?.end()
    // Also where it was interrupted: hours of it are told.
    tell(repetitions)
  }
  const playings = repetitions.flatMap((each) => each.playings)
  const why = [...whyNotSpecific(playings, asked), ...whyRunsShowLess(repetitions), ...whyBlind(repetitions)]
  console.log(
    why.length === 0
      ? `\nOf ${playings.length} healthy playings none failed${isOversubscribed ? ', with twice as many busy loops as processors beside them' : ''}.`
      : `\nNOT SHOWN: ${why.join('; ')}.`,
  )
  return why.length === 0 ? 0 : 1
}

const tell = (repetitions: readonly Repetition[]): void => {
  const playings = repetitions.flatMap((each) => each.playings)
  console.log(`\n${specificityTable(playings)}`)
  if (playings.length > 0) console.log(`\n${sayInconclusive(playings)}\n${saySlices(repetitions)}`)
}

/** A sensor that has no processor must not let a planted defect pass: those that did, as words. */
const blindPasses = async (): Promise<readonly string[]> => {
  const passed: string[] = []
  for (const planted of PLANTED.filter(({ inTest }) => inTest)) {
    const { outcome } = await drillPlanted(planted)
    console.log(`  ${planted.defect}  ${planted.scenario} ${outcome}`)
    if (outcome === 'pass') passed.push(`${planted.defect} passed ${planted.scenario}`)
  }
  return passed
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
