// Runs a generator on the processors it is given, and reads what it costs: processor time from the kernel, calls from the server.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../time/errors.ts'
import type { Called, Spent } from './load-bench.ts'
import type { LoadServer } from './load-server.ts'

/** What a generator needs until it runs as it will: code compiled, connections open. */
export const WARM_MS = 1500
const START_LIMIT_MS = 20_000
const LOOK_MS = 20
const FIRST_CALLS = 20

interface Run {
  readonly server: LoadServer
  readonly command: readonly string[]
  /** As taskset names them: '0', or '0,1'. */
  readonly processors: string
}

/** Measures it for `windowMs` once it is warm, and ends it. */
export const spentBy = async (run: Run, windowMs: number): Promise<Spent> => {
  const program = start(run)
  try {
    await calls(run, program)
    return await measured(run, program, windowMs)
  } finally {
    await end(program)
  }
}

/** The same of the callers' program, which ends by itself and says what its record holds. */
export const calledBy = async (
  run: Run,
  windowMs: number,
): Promise<{ spent: Spent; called: Called; served: number }> => {
  const before = await run.server.count()
  const program = start(run)
  const output = read(program)
  try {
    await calls(run, program)
    const spent = await measured(run, program, windowMs)
    const called = JSON.parse(await output) as Called
    return { spent, called, served: (await run.server.count()) - before }
  } finally {
    await end(program)
  }
}

/** A process group of its own, so that whatever it starts is counted and ended with it. */
const start = ({ command, processors }: Run): ChildProcess =>
  spawn('taskset', ['-c', processors, ...command], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })

const read = async ({ stdout }: ChildProcess): Promise<string> => {
  let text = ''
  for await (const chunk of stdout ?? []) text += String(chunk)
  return text
}

const calls = async ({ server, command }: Run, program: ChildProcess): Promise<void> => {
  const before = await server.count()
  for (const limit = performance.now() + START_LIMIT_MS; performance.now() < limit; await pause(LOOK_MS)) {
    if ((await server.count()) - before >= FIRST_CALLS) return
    if (program.exitCode !== null) break
  }
  throw new EnvironmentError(`${command.join(' ')} did not call the server within ${START_LIMIT_MS / 1000} s.`, {
    code: 'ERR_LOAD_TOOL',
  })
}

const measured = async ({ server }: Run, program: ChildProcess, windowMs: number): Promise<Spent> => {
  await pause(WARM_MS)
  const look = async () => ({ at: performance.now(), ms: processorMs(program.pid ?? 0), count: await server.count() })
  const from = await look()
  await pause(windowMs)
  const to = await look()
  const [tookMs, usedMs, count] = [to.at - from.at, to.ms - from.ms, to.count - from.count]
  return { rate: (count * 1000) / tookMs, microsecondsACall: (usedMs * 1000) / count, share: usedMs / tookMs }
}

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10

/** User and system time of every process in the group, those that ended meanwhile not among them. */
const processorMs = (group: number): number => {
  const stats = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? [statOf(entry)] : []))
  const ticks = stats.flatMap((fields) =>
    Number(fields[2]) === group ? [Number(fields[11]) + Number(fields[12])] : [],
  )
  return ticks.reduce((sum, one) => sum + one, 0) * MS_PER_TICK
}

/** The fields after the name, which may hold spaces; none of a process that is gone. */
const statOf = (process: string): readonly string[] => {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

const end = async (program: ChildProcess): Promise<void> => {
  if (program.exitCode !== null || program.signalCode !== null || program.pid === undefined) return
  const exit = once(program, 'exit')
  process.kill(-program.pid, 'SIGKILL')
  await exit
}
