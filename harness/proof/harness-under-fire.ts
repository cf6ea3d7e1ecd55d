// The harness that a round of the proof of healing kills: its process, its warden's, and what it was about.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const READY_LIMIT_MS = 60_000

/** What a harness says of its faults, line by line, and what is on the nodes by that. */
export const faultsSaid = () => {
  const now = new Map<string, 'begun' | 'in effect' | 'being healed'>()
  return {
    hear(line: string): void {
      const at = line.indexOf(' ')
      const [word, what] = [line.slice(0, at), line.slice(at + 1)]
      if (word === 'begun') now.set(what, 'begun')
      if (word === 'in-effect') now.set(what, 'in effect')
      if (word === 'healing') now.set(what, 'being healed')
      if (word === 'healed') now.delete(what)
    },
    /** 'isolate of target-1 in effect, stop of target-2 begun'. */
    now: (): string => [...now].map(([what, stage]) => `${what} ${stage}`).join(', ') || 'nothing yet',
    /** Whether any of it was seen there: what was only begun may have been refused, and what is being healed is there still. */
    isBroken: (): boolean => [...now.values()].some((stage) => stage !== 'begun'),
  }
}

/** A harness that runs, and whom to kill. */
export interface HarnessUnderFire {
  readonly run: string
  readonly pid: number
  readonly warden: number
  /** Lets it begin to break its nodes. */
  begin(): void
  /** What is on its nodes, by its own word. */
  faults(): string
  /** Whether a fault is in effect on any of them, or being healed. */
  isBroken(): boolean
  /** Lets it come to its own end: it heals, and removes what it started. */
  finish(): void
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** What it said on its way out. */
  lastWords(): string
}

/** Starts one and waits until its deployment answers. Rejects with its last words when it does not come to that. */
export const startHarness = async (seed: number, subnet: string): Promise<HarnessUnderFire> => {
  const program = join(import.meta.dirname, 'healing-harness.ts')
  const child = spawn(process.execPath, [program, String(seed), subnet], { stdio: ['pipe', 'pipe', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4000)
  })
  child.stdin.on('error', () => {})
  const said = faultsSaid()
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const { promise: ready, resolve, reject } = Promise.withResolvers<{ run: string; warden: number }>()
  const limit = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`The harness was not ready within ${READY_LIMIT_MS / 1000} s. ${words}`))
  }, READY_LIMIT_MS)
  void ended.then((code) => reject(new Error(`The harness ended with ${code} before it was ready. ${words}`)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, run = '', warden = ''] = line.split(' ')
    if (word === 'ready') resolve({ run, warden: Number(warden) })
    else said.hear(line)
  })
  const { run, warden } = await ready.finally(() => clearTimeout(limit))
  return {
    run,
    pid: child.pid ?? 0,
    warden,
    begin: () => void child.stdin.write('begin\n'),
    faults: said.now,
    isBroken: said.isBroken,
    finish: () => void child.stdin.end(),
    ended,
    lastWords: () => words,
  }
}
