// prove:healing: harnesses with faults in effect are killed at random instants, and nothing may be left of them.
import { parseArgs } from 'node:util'
import { seeded } from '../topology/group.ts'
import { healingRound, type Round } from './healing.ts'
import { wholeNumber } from './whole-number.ts'

const SUBNET = '10.213.88'

/** Carries out the rounds one after the other; `told` hears of each. */
export const healingRounds = async (
  { times, seed }: { readonly times: number; readonly seed: number },
  told: (round: Round, i: number) => void = () => {},
): Promise<readonly Round[]> => {
  const random = seeded(seed)
  const rounds: Round[] = []
  for (let i = 0; i < times; i += 1) {
    const round = await healingRound({ seed: seed * 1000 + i, subnet: SUBNET, random })
    rounds.push(round)
    told(round, i)
  }
  return rounds
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0

/** `--times 200 --seed 1`. A line a round, then the sum; 0 where nothing was left in any, 1 otherwise. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: { times: { type: 'string' }, seed: { type: 'string' } } })
  const times = wholeNumber('--times', values.times ?? '20', 1)
  const seed = wholeNumber('--seed', values.seed ?? '1', 0)
  const rounds = await healingRounds({ times, seed }, ({ victim, lastSaid, tookMs, left }, i) => {
    const end = left.length === 0 ? `clean after ${seconds(tookMs)}` : `LEFT: ${left.join(', ')}`
    console.log(`  ${String(i + 1).padStart(3)}  ${victim.padEnd(8)} ${lastSaid.padEnd(34)} ${end}`)
  })
  const took = rounds.map((round) => round.tookMs).sort((a, b) => a - b)
  const dirty = rounds.filter(({ left }) => left.length > 0).length
  console.log(
    `\n${times - dirty} of ${times} rounds left nothing (seed ${seed}); clean after p50 ${seconds(percentile(took, 0.5))}, p95 ${seconds(percentile(took, 0.95))}, at most ${seconds(took.at(-1) ?? 0)}.`,
  )
  return dirty === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
