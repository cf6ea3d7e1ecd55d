// prove:healing: harnesses with faults in effect are killed at random instants, and nothing may be left of them.
import { parseArgs } from 'node:util'
import { seeded } from '../topology/group.ts'
import { engineToRestart } from './engine-turns.ts'
import { type EngineRestart, healingRound, onTheEngine, type Round } from './healing.ts'
import { toolsThatLook } from './host-state.ts'
import { wholeNumber } from './whole-number.ts'

const SUBNET = '10.213.88'

/** Carries out the rounds one after the other; `told` hears of each. `engines` take turns, where there are any. */
export const healingRounds = async (
  plan: { readonly times: number; readonly seed: number; readonly engines?: readonly EngineRestart[] },
  told: (round: Round, i: number) => void = () => {},
): Promise<readonly Round[]> => {
  const { times, seed, engines = [] } = plan
  const random = seeded(seed)
  const rounds: Round[] = []
  for (let i = 0; i < times; i += 1) {
    const engine = engines[i % engines.length]
    const round = await healingRound({ seed: seed * 1000 + i, subnet: SUBNET, random, engine })
    rounds.push(round)
    told(round, i)
  }
  return rounds
}

/** What is on the engine of rounds that were clean: it came to be after somebody had looked. */
export const cameLater = async (rounds: readonly Round[]): Promise<readonly string[]> => {
  const clean = rounds.filter(({ left }) => left.length === 0)
  const looks = clean.map(async ({ run }) => (await onTheEngine(run)).map((what) => `${what} of ${run}`))
  return (await Promise.all(looks)).flat()
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0

/** One line a round: who was killed, what was on the nodes, what became of the deployment, how long until clean. */
export const sayRound = (round: Round, i: number): string => {
  const { victim, isKept, faults, by, engine, tookMs, left } = round
  const end = left.length === 0 ? `clean after ${seconds(tookMs)}` : `LEFT: ${left.join(', ')}`
  const fate = isKept ? 'nodes as before' : 'all removed'
  return `  ${String(i + 1).padStart(3)}  ${victim.padEnd(8)} ${fate.padEnd(15)} by the ${by.padEnd(8)} ${engine ? `${engine}, ` : ''}${end}; ${faults}`
}

/** Of so many rounds at least, as a share, something has to be on a node as somebody is killed: an injector that refuses all leaves nothing. */
const LEAST_BROKEN = 0.5

const brokenIn = (rounds: readonly Round[]): number => rounds.filter(({ wasBroken }) => wasBroken).length

/** The sum, and who looked at the machine: it was compared in every round that left nothing, and in no other for certain. */
export const saySum = (rounds: readonly Round[], seed: number): string => {
  const clean = rounds.filter(({ left }) => left.length === 0).length
  return [
    `  of the machine: ${toolsThatLook().join(', ')}, the same before and after each of ${clean} rounds`,
    '',
    `${clean} of ${rounds.length} rounds left nothing; in ${brokenIn(rounds)} a fault was in effect, or being healed, as somebody was killed (seed ${seed}).`,
  ].join('\n')
}

/** Why it was not shown; empty where it was. `late` is what came to be after somebody had looked. */
export const whyNotHealed = (rounds: readonly Round[], late: readonly string[]): readonly string[] => {
  const dirty = rounds.filter(({ left }) => left.length > 0).length
  return [
    ...(dirty === 0 ? [] : [`${dirty} of ${rounds.length} rounds left something`]),
    ...(late.length === 0 ? [] : [`left, after it had been clean: ${late.join(', ')}`]),
    ...(rounds.length > 0 && brokenIn(rounds) >= LEAST_BROKEN * rounds.length
      ? []
      : [`in ${brokenIn(rounds)} of ${rounds.length} rounds there was anything to heal, expected half of them`]),
  ]
}

/** A line for each of whoever cleared: how many rounds, and how long until nothing was left. */
export const sayTimes = (rounds: readonly Round[]): string =>
  (['warden', 'command', 'harness'] as const)
    .map((by) => ({ by, took: rounds.filter((each) => each.by === by).map(({ tookMs }) => tookMs) }))
    .filter(({ took }) => took.length > 0)
    .map(({ by, took }) => {
      const sorted = took.toSorted((a, b) => a - b)
      const [p50, p95, most] = [percentile(sorted, 0.5), percentile(sorted, 0.95), sorted.at(-1) ?? 0].map(seconds)
      return `  ${`by the ${by}`.padEnd(15)} ${String(took.length).padStart(4)} rounds, clean after p50 ${p50}, p95 ${p95}, at most ${most}`
    })
    .join('\n')

export const OPTIONS = {
  times: { type: 'string' },
  seed: { type: 'string' },
  'restart-engine': { type: 'boolean' },
} as const

/**
 * `--times 200 --seed 1 --restart-engine`. A line a round, then the sum; 0 where nothing was left in any, and half of them had something
 * to leave, 1 otherwise. Throws EnvironmentError where the engine is not ours to restart.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const times = wholeNumber('--times', values.times ?? '20', 1)
  const seed = wholeNumber('--seed', values.seed ?? '1', 0)
  const engine = values['restart-engine'] ? await engineToRestart() : null
  const plan = { times, seed, ...(engine && { engines: engine.restarts }) }
  const rounds = await healingRounds(plan, (round, i) => console.log(sayRound(round, i))).finally(() => engine?.end())
  const why = whyNotHealed(rounds, await cameLater(rounds))
  console.log(`\n${sayTimes(rounds)}\n${saySum(rounds, seed)}`)
  if (why.length > 0) console.log(`NOT SHOWN: ${why.join('; ')}.`)
  return why.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
