// bench:load: what the callers cost beside wrk and others, how late they send, and 20,000 calls/s from two of them; in turns.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import {
  type Concluded,
  type Cost,
  costTable,
  type Lateness,
  type LoadPlan,
  latenessTable,
  missedCost,
  missedLateness,
  missedScale,
  type Scale,
  type Spent,
  sayConcluded,
  scaleTable,
  unaskedCost,
} from './load-bench.ts'
import { calledBy, spentBy, WARM_MS } from './load-run.ts'
import { findProgram, type LoadServer, startLoadServer } from './load-server.ts'
import { callersAt, callOnce, toolsHere, undiciAt } from './load-tools.ts'
import { wholeNumber } from './whole-number.ts'

/** What there is to measure, as `--only` names it. */
const PARTS = ['cost', 'lateness', 'scale'] as const

/** A core for the generator and one for the server; the large load has both for all. */
const CORES = { generator: '0', server: '1', both: '0,1' } as const
const LATENESS_RATES = [1000, 2000] as const
const SCALE = { programs: 2, rate: 10_000, seconds: 10 } as const
/** The most a lane may ask for is 50,000. */
const SEARCH = { from: 10_000, to: 50_000, step: 10_000, seconds: 2, tries: 2 } as const

interface Bench {
  readonly server: LoadServer
  readonly times: number
  readonly windowMs: number
}

export const OPTIONS = { times: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' } } as const

/**
 * `--times 3 --seconds 4 --only cost,lateness,scale`. Prints the tables; 0 where every target was met, 1 otherwise: also where there is no
 * wrk, and so nothing to hold the cost against.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const times = wholeNumber('--times', values.times ?? '3', 1)
  const windowMs = wholeNumber('--seconds', values.seconds ?? '4', 1) * 1000
  const parts = partsOf(values.only ?? PARTS.join())
  await demandCores()
  const server = await startLoadServer(CORES.server)
  const missed: string[] = []
  const unasked: string[] = []
  try {
    console.log(`  against ${server.name}, ${times} repetitions of ${windowMs / 1000} s each`)
    if (parts.has('cost')) {
      const cost = await printCost({ server, times, windowMs })
      missed.push(...cost.missed)
      unasked.push(...cost.unasked)
    }
    if (parts.has('lateness')) missed.push(...(await printLateness({ server, times, windowMs })))
  } finally {
    await server.stop()
  }
  if (parts.has('scale')) missed.push(...(await printScale(times)))
  console.log(sayConcluded({ missed, unasked }))
  return missed.length + unasked.length === 0 ? 0 : 1
}

/** Throws ScenarioError on one that is not there: it would measure nothing, and miss nothing. */
const partsOf = (only: string): ReadonlySet<string> => {
  const parts = only.split(',')
  const unknown = parts.find((part) => !(PARTS as readonly string[]).includes(part))
  if (unknown === undefined) return new Set(parts)
  throw new ScenarioError(`--only has '${unknown}': expected some of ${PARTS.join(', ')}.`, { code: 'ERR_FLAG' })
}

const demandCores = async (): Promise<void> => {
  if (availableParallelism() >= 2 && (await findProgram('taskset'))) return
  throw new EnvironmentError(
    'bench:load gives the generator one core and the server another: it needs two, and taskset (the Debian package util-linux).',
    { code: 'ERR_CORES' },
  )
}

const printCost = async ({ server, times, windowMs }: Bench): Promise<Concluded> => {
  const { tools, missing } = await toolsHere()
  for (const sentence of missing) console.log(`  ${sentence}`)
  const highest = await highestRate(server)
  console.log(
    `  callers: ${highest.toLocaleString('en-US')} calls/s is the highest rate of one lane with nothing unsent, of at most ${SEARCH.to.toLocaleString('en-US')}`,
  )
  const rate = Math.max(highest, SEARCH.from)
  const turns = [callersAt(rate), undiciAt(rate), ...tools]
  const all = turns.map(({ name }) => ({ tool: name, all: [] as Spent[] }))
  for (let i = 0; i < times; i += 1) {
    for (const [which, tool] of turns.entries()) {
      const command = tool.command(server.url, Math.ceil((windowMs + WARM_MS) / 1000) + 2)
      all[which]?.all.push(await spentBy({ server, command, processors: CORES.generator }, windowMs))
    }
  }
  const costs: readonly Cost[] = all
  console.log(`\n${costTable(costs)}\n`)
  return { missed: missedCost(costs), unasked: unaskedCost(costs) }
}

/** In steps; the one before the first at which calls are left unsent each time. 0 where that is the first of all. */
const highestRate = async (server: LoadServer): Promise<number> => {
  for (let rate = SEARCH.from; rate <= SEARCH.to; rate += SEARCH.step) {
    let isAllSent = false
    for (let i = 0; i < SEARCH.tries && !isAllSent; i += 1) {
      const run = { server, command: calling(server, rate, SEARCH.seconds), processors: CORES.generator }
      const { called } = await calledBy(run, 500)
      isAllSent = called.unsent === 0
    }
    if (!isAllSent) return rate - SEARCH.step
  }
  return SEARCH.to
}

const calling = ({ url }: LoadServer, rate: number, seconds: number, apart: Pick<LoadPlan, 'apart'> = {}) =>
  callOnce({ url, programs: 1, seconds, ...apart, lanes: [{ connections: 'kept-alive', rate }] })

const printLateness = async ({ server, times, windowMs }: Bench): Promise<readonly string[]> => {
  const all = LATENESS_RATES.map((rate) => ({ rate, all: [] as Lateness['all'][number][] }))
  for (let i = 0; i < times; i += 1) {
    for (const { rate, all: some } of all) {
      const seconds = Math.ceil((windowMs + WARM_MS) / 1000) + 1
      const command = calling(server, rate, seconds, { apart: true })
      // What only helps the program, as its compiler does, may run anywhere: one core for all would be the threads' in real time alone.
      const { spent, called } = await calledBy({ server, command, processors: CORES.both }, windowMs)
      const alone = { server, command: undiciAt(rate).command(server.url, seconds), processors: CORES.generator }
      some.push({ ...spent, ...called, aloneShare: (await spentBy(alone, windowMs)).share })
    }
  }
  console.log(`${latenessTable(all)}\n`)
  return all.flatMap(missedLateness)
}

const printScale = async (times: number): Promise<readonly string[]> => {
  const server = await startLoadServer(CORES.both)
  const all: Scale[] = []
  try {
    for (let i = 0; i < times; i += 1) {
      const { programs, rate, seconds } = SCALE
      const plan = { url: server.url, programs, seconds, lanes: [{ connections: 'kept-alive', rate }] } as const
      const run = { server, command: callOnce(plan), processors: CORES.both }
      const { called, served } = await calledBy(run, (seconds * 1000) / 2)
      all.push({ programs, rate, called, served })
    }
  } finally {
    await server.stop()
  }
  console.log(`${scaleTable(all)}\n`)
  return all.flatMap(missedScale)
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
