// prove:attestation: many injections on a small deployment, a third of them sabotaged, and who was called out.
import { parseArgs } from 'node:util'
import { KINDS_AT_HAND } from '../fault/kinds-at-hand.fixture.ts'
import { startSmallDeployment } from '../fault/kit.fixture.ts'
import { attestationTable, carriedOut, countsOf, drawn, isWrong, sayWrong } from './attestation.ts'
import { wholeNumber } from './whole-number.ts'

const PAIRS = 4
const SUBNET = '10.213.85'
const TELL_EVERY = 20
/** A third of fewer are none: nothing would be sabotaged, or nothing honest. */
const LEAST_TIMES = 3

export const OPTIONS = { times: { type: 'string' }, seed: { type: 'string' } } as const

/**
 * `--times 200 --seed 1`. Prints the counts by kind; 0 where every sabotaged injection was called out and no honest one,
 * 1 otherwise. Throws ScenarioError where there are too few of them to sabotage any.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const times = wholeNumber('--times', values.times ?? '200', LEAST_TIMES)
  const seed = wholeNumber('--seed', values.seed ?? '1', 0)
  const startedAt = performance.now()
  const deployment = await startSmallDeployment({ pairs: PAIRS, subnet: SUBNET })
  try {
    let done = 0
    const told = await carriedOut(deployment, drawn(KINDS_AT_HAND, { times, seed }), (one) => {
      done += 1
      if (isWrong(one)) console.log(`  ${sayWrong(one)}`)
      if (done % TELL_EVERY === 0) console.log(`  ${done} of ${times} injections`)
    })
    const { honest, falseAlarms, sabotaged, missed } = countsOf(told)
    console.log(`\n${attestationTable(told)}\n`)
    console.log(
      `${sabotaged - missed} of ${sabotaged} sabotaged injections were called out, and ${falseAlarms} of ${honest} honest ones (seed ${seed}, ${Math.round((performance.now() - startedAt) / 1000)} s).`,
    )
    return missed + falseAlarms === 0 ? 0 : 1
  } finally {
    await deployment.end()
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
