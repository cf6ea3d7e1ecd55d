// Whether memory stays flat while calls are made: the callers' program and the harness, watched from one call to the last.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince } from '../time/clock.ts'
import { type Callers, callersOver } from '../traffic/callers.ts'

/** Growth after the warm-up, in MB of resident memory. */
export interface MemoryGrowth {
  readonly calls: number
  readonly answered: number
  /** Why the callers ended before they were told to; null where they did not. */
  readonly lost: string | null
  readonly tookMs: number
  readonly callersMb: number
  readonly harnessMb: number
  /** The lane's file, 17 bytes a call. */
  readonly onDiskMb: number
}

/** What memory may grow by after the warm-up, MB. */
export const MOST_MB = 16

/** So much of what was asked for has to be answered: of calls that nobody made, or that were all refused, nothing is kept. */
const LEAST_ANSWERED = 0.9

/** Why it was not shown that memory stays flat; empty where it was. */
export const whyNotFlat = (
  { answered, lost, callersMb, harnessMb }: Pick<MemoryGrowth, 'answered' | 'lost' | 'callersMb' | 'harnessMb'>,
  { calls }: Pick<Watched, 'calls'>,
): readonly string[] => [
  ...(lost === null ? [] : [`callers were lost: ${lost}`]),
  ...(answered >= LEAST_ANSWERED * calls ? [] : [`${answered} of ${calls} calls were answered`]),
  // NaN, where nobody looked, is no little growth.
  ...(callersMb < MOST_MB ? [] : [`callers grew by ${callersMb.toFixed(1)} MB`]),
  ...(harnessMb < MOST_MB ? [] : [`the harness grew by ${harnessMb.toFixed(1)} MB`]),
]

const SAMPLE_EVERY_MS = 200

/** In which the programs compile what they run and their heaps find their size: this share of the calls. */
const WARM_UP = 0.25

const MB = 1024 * 1024

/** How many calls, how fast; `heapMb` is the most that the callers' threads may keep each, where they are not to have all they want. */
interface Watched {
  readonly calls: number
  readonly rate: number
  readonly deadlineMs?: number
  readonly heapMb?: number
}

/** Makes so many calls on kept-alive connections to a server of its own, and watches both programs. Needs Linux's /proc. */
export const watchMemory = async ({ calls, rate, deadlineMs = 2000, heapMb }: Watched): Promise<MemoryGrowth> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-memory-'))
  const server = run('./small-echo.ts')
  const program = run('../traffic/caller/main.ts', heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`])
  const ends = [server, program].map((child) => once(child, 'exit'))
  try {
    const [port] = await once(server.stdout ?? server, 'data')
    const callers = await callersIn(program, folder)
    const url = `http://127.0.0.1:${Number(port)}/`
    const lane = {
      lane: 'fast',
      purpose: 'callers',
      zone: 'outside',
      connections: 'kept-alive',
      expectEcho: true,
    } as const
    const startedAt = performance.now()
    await callers.open({ ...lane, url, rate, deadlineMs })
    const samples = await sampled(callers, { calls, pid: program.pid ?? 0 })
    const { answered = 0 } = callers.live().lanes.fast?.outcomes ?? {}
    const lost = callers.lost()
    const { count } = lost === null ? await callers.close('fast') : { count: callers.live().lanes.fast?.ended ?? 0 }
    const tookMs = performance.now() - startedAt
    await callers.stop()
    const { size } = await stat(join(folder, 'calls', 'fast.calls'))
    return { calls: count, answered, lost, tookMs, ...growthOf(samples), onDiskMb: size / MB }
  } finally {
    server.stdin?.end()
    program.stdin?.end()
    await Promise.all(ends)
    await rm(folder, { recursive: true })
  }
}

const run = (program: string, flags: readonly string[] = []): ChildProcess =>
  spawn(process.execPath, [...flags, new URL(program, import.meta.url).pathname], { stdio: ['pipe', 'pipe', 'pipe'] })

const callersIn = async ({ stdin, stdout, stderr }: ChildProcess, folder: string): Promise<Callers> => {
  if (!stdin || !stdout || !stderr) throw new Error('The callers were started without pipes.')
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor())
  const side = { run: 'memory', seed: 1, nodes: [], clock: clockSince(), recorder, folder }
  return callersOver({ stdin, stdout, stderr }, side, async () => recorder.close())
}

interface Sample {
  readonly callersMb: number
  readonly harnessMb: number
}

const sampled = async (
  callers: Callers,
  { calls, pid }: { calls: number; pid: number },
): Promise<readonly Sample[]> => {
  const samples: Sample[] = []
  const ended = (): number => callers.live().lanes.fast?.ended ?? 0
  while (ended() < calls && callers.lost() === null) {
    if (ended() >= WARM_UP * calls)
      samples.push({ callersMb: residentMb(pid), harnessMb: process.memoryUsage().rss / MB })
    await pause(SAMPLE_EVERY_MS)
  }
  return samples
}

const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024

/** From the median of the first quarter of the samples to that of the last: a heap breathes, and one breath is no growth. */
export const growthOf = (samples: readonly Sample[]): Sample => {
  const part = Math.max(1, Math.floor(samples.length / 4))
  const grown = (of: (sample: Sample) => number): number =>
    median(samples.slice(-part).map(of)) - median(samples.slice(0, part).map(of))
  return { callersMb: grown(({ callersMb }) => callersMb), harnessMb: grown(({ harnessMb }) => harnessMb) }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
