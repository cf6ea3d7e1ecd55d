// Runs the server whose outages are known, and makes them: stalled, killed and restarted, answering 503, at instants read from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Window } from '../analysis/analysis.ts'
import type { clockSince } from '../time/clock.ts'
import { setApart } from './apart.ts'
import type { Truth } from './truth.ts'
import { pulseOf, type Said, STILL_MS } from './truth-server.ts'
import { until } from './until.ts'

/** One answer that the server gave, or was about to give when it was killed. */
export interface Journalled {
  readonly id: string
  readonly status: number
  /** The last that a killed server wrote: whether the answer left nobody knows. */
  readonly isLast: boolean
}

export interface ServedTruth {
  readonly url: string
  /** Makes the outage; resolves when it is over. */
  make(kind: 'stall' | 'kill' | 'wrong', askedMs: number): Promise<Truth>
  /** Every call that came to it by name, in order. */
  journal(): readonly Journalled[]
  /** When it stood still for 5 ms or more, by its own word: because it was stalled, or for want of a processor. Ms since the run began. */
  stills(): readonly Window[]
  end(): void
}

interface Program {
  readonly process: ChildProcess
  readonly journal: string
  /** The next thing it says of this kind. */
  hear<K extends Said['said']>(what: K): Promise<Extract<Said, { said: K }>>
  order(line: string): void
}

type RunClock = ReturnType<typeof clockSince>

/** Starts it, and as many more that wait to take its place, so that no start disturbs what is measured. */
export const serveTruth = async (options: {
  readonly clock: RunClock
  readonly folder: string
  readonly name: string
  readonly spares?: number
  /** An echo is never broken. */
  readonly isEcho?: boolean
}): Promise<ServedTruth> => {
  const programs: Program[] = []
  for (let i = 0; i <= (options.spares ?? 0); i += 1)
    programs.push(await startProgram(join(options.folder, `${options.name}-${i}.journal`), options.isEcho))
  const { clock } = options
  const waiting = [...programs]
  let current = next(waiting)
  const port = LOWEST_PORT + Math.floor(Math.random() * PORTS)
  await listening(current, port)
  const onRun = (at: number): number => at - clock.originMs

  const stall = async (askedMs: number) => {
    const from = signal(current, 'SIGSTOP', clock)
    await until(clock, from[0] + askedMs)
    return { from, to: signal(current, 'SIGCONT', clock) }
  }
  /** Standstills that a server was killed in: it answered nobody since its last turn. */
  const killedStill: Window[] = []
  const kill = async (askedMs: number) => {
    const killed = current
    const isGone = once(killed.process, 'exit')
    const from = signal(killed, 'SIGKILL', clock)
    const turnedAt = lastTurnOf(killed)
    if (turnedAt !== null && from[0] - onRun(turnedAt) >= STILL_MS) killedStill.push([onRun(turnedAt), from[0]])
    current = next(waiting)
    // Its port is its own until it is gone: a few ms.
    await isGone
    await until(clock, from[0] + askedMs)
    const { from: atLeast, to: atMost } = await listening(current, port)
    return { from, to: [onRun(atLeast), onRun(atMost)] as const }
  }
  const refuse = async (askedMs: number) => {
    const began = await given(current, 503)
    await until(clock, onRun(began) + askedMs)
    const ended = await given(current, 200)
    return { from: [onRun(began), onRun(began)] as const, to: [onRun(ended), onRun(ended)] as const }
  }
  const makes = { stall, kill, wrong: refuse } as const

  return {
    url: `http://127.0.0.1:${port}/`,
    make: async (kind, askedMs) => ({ kind, askedMs, ...(await makes[kind](askedMs)) }),
    journal: () =>
      programs.flatMap(({ journal, process: { signalCode } }) => readJournal(journal, signalCode !== null)),
    stills: () => [
      ...programs.flatMap(({ journal }) => stillsIn(journal)).map(([from, to]): Window => [onRun(from), onRun(to)]),
      ...killedStill,
    ],
    end: () => {
      for (const { process } of programs) process.kill('SIGKILL')
    },
  }
}

/**
 * Below those that the kernel gives to whoever calls: a caller of a port of its own giving, while nobody listens there, may be given
 * that very port, reach itself, and keep the server from it.
 */
const LOWEST_PORT = 20_000
const PORTS = 10_000

const ANSWER_LIMIT_MS = 10_000

const next = (waiting: Program[]): Program => {
  const program = waiting.shift()
  if (!program) throw new RangeError('Nobody waits to take the place of the server: start more spares.')
  return program
}

const PROGRAM = join(import.meta.dirname, 'truth-server.ts')

const startProgram = async (journal: string, isEcho = false): Promise<Program> => {
  const child = spawn(process.execPath, [PROGRAM, journal], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: { readonly what: Said['said']; readonly heard: (said: never) => void }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as Said
    const i = waiting.findIndex(({ what }) => what === said.said)
    for (const { heard } of i < 0 ? [] : waiting.splice(i, 1)) heard(said as never)
  })
  const program: Program = {
    process: child,
    journal,
    hear: (what) =>
      new Promise((heard, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`The server did not say '${what}' in ${ANSWER_LIMIT_MS / 1000} s.`)),
          ANSWER_LIMIT_MS,
        )
        waiting.push({
          what,
          heard: (said) => {
            clearTimeout(limit)
            heard(said)
          },
        })
      }),
    order: (line) => void child.stdin.write(`${line}\n`),
  }
  await program.hear('ready')
  // Not before: all its threads are there now, and have their names.
  await setApart(child.pid, isEcho ? 'echo' : 'server')
  return program
}

const listening = (program: Program, port: number) => {
  const heard = program.hear('listening')
  program.order(`listen ${port}`)
  return heard
}

const given = async (program: Program, status: number): Promise<number> => {
  const heard = program.hear('status')
  program.order(`status ${status}`)
  return (await heard).at
}

/** The signal takes effect between the two readings, give or take the microseconds to the other processor. */
const signal = ({ process: { pid } }: Program, name: NodeJS.Signals, clock: RunClock): Window => {
  if (pid === undefined) throw new Error('The server has no process.')
  const before = clock.now()
  process.kill(pid, name)
  return [before, clock.now()]
}

/** When its loop last turned, on CLOCK_MONOTONIC; null where it never did. */
const lastTurnOf = ({ journal }: Program): number | null => {
  const file = pulseOf(journal)
  return statSync(file).size < Float64Array.BYTES_PER_ELEMENT ? null : readFileSync(file).readDoubleLE(0)
}

const STILL = 'still '

const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)

const readJournal = (file: string, wasKilled: boolean): readonly Journalled[] => {
  const lines = linesOf(file).filter((line) => !line.startsWith(STILL))
  return lines
    .map((line, i) => ({
      id: line.slice(4),
      status: Number(line.slice(0, 3)),
      isLast: wasKilled && i === lines.length - 1,
    }))
    .filter(({ id }) => id !== 'warm-up')
}

const stillsIn = (file: string): readonly Window[] =>
  linesOf(file)
    .filter((line) => line.startsWith(STILL))
    .map((line) => line.slice(STILL.length).split(' ').map(Number))
    .map(([from = 0, to = 0]) => [from, to])
