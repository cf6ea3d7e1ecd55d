// One round of the proof of healing: a harness with faults in effect is killed at a random instant, its warden, or both; then
// somebody looks for anything that is left.
import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { clearDead } from '../fault/clearing.ts'
import { leaseOf } from '../topology/lease.ts'
import { residueOf } from '../topology/residue.ts'
import { hostState } from './host-state.ts'

const LIMIT_MS = 15_000
const LOOK_EVERY_MS = 100
const READY_LIMIT_MS = 60_000
const MOST_MS = 4000

export type Victim = 'harness' | 'warden' | 'both'

export interface Round {
  readonly victim: Victim
  /** What the harness had said last of its faults: 'in effect isolate'. */
  readonly lastSaid: string
  /** Until nothing was left, ms: after the kill, or after the command that cleared where both were killed. */
  readonly tookMs: number
  /** What was left then; empty when the round was clean. */
  readonly left: readonly string[]
}

/** Most are the harness itself; what comes of `random` in [0, 1). */
export const victimOf = (random: number): Victim => (random < 0.6 ? 'harness' : random < 0.8 ? 'warden' : 'both')

/** One round with draws of `random`, on a /24 of its own. Rejects when the harness itself would not start. */
export const healingRound = async ({
  seed,
  subnet,
  random,
}: {
  readonly seed: number
  readonly subnet: string
  readonly random: () => number
}): Promise<Round> => {
  const host = hostState()
  const harness = await startHarness(seed, subnet)
  const victim = victimOf(random())
  await pause(random() * MOST_MS)
  const lastSaid = harness.lastSaid()
  if (victim !== 'harness') process.kill(harness.warden, 'SIGKILL')
  if (victim === 'warden') harness.child.stdin.end()
  else harness.child.kill('SIGKILL')
  await harness.ended
  let from = performance.now()
  if (victim === 'both') {
    await clearDead()
    from = performance.now()
  }
  const left = await untilNothing(() => leftOf(harness.run, host))
  return { victim, lastSaid, tookMs: performance.now() - from, left }
}

const startHarness = async (seed: number, subnet: string) => {
  const program = join(import.meta.dirname, 'healing-harness.ts')
  const child = spawn(process.execPath, [program, String(seed), subnet], { stdio: ['pipe', 'pipe', 'inherit'] })
  let lastSaid = 'nothing yet'
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = new Promise<{ run: string; warden: number }>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('The harness was not ready in time.')), READY_LIMIT_MS)
    child.once('exit', (code) => reject(new Error(`The harness ended with ${code} before it was ready.`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, run = '', warden = ''] = line.split(' ')
      if (word !== 'ready') lastSaid = line
      else {
        clearTimeout(limit)
        resolve({ run, warden: Number(warden) })
      }
    })
  })
  return { child, ended, lastSaid: () => lastSaid, ...(await ready) }
}

const untilNothing = async (look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  const until = performance.now() + LIMIT_MS
  for (;;) {
    const left = await look()
    if (left.length === 0 || performance.now() > until) return left
    await pause(LOOK_EVERY_MS)
  }
}

const leftOf = async (run: string, host: string): Promise<readonly string[]> => {
  const left = (await residueOf(run)).flatMap(({ containers, networks, volumes }) => [
    ...containers.map((id) => `container ${id.slice(0, 12)}`),
    ...networks.map((id) => `network ${id.slice(0, 12)}`),
    ...volumes.map((name) => `volume ${name}`),
  ])
  if (left.length > 0) return left
  return [
    ...(await processesNaming(run)),
    ...((await leaseOf(run)) ? ['its lease'] : []),
    ...(hostState() === host ? [] : ['another state of the host than before']),
  ]
}

/** The warden, and whatever else has the run's name on its command line. */
const processesNaming = async (run: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, i) => lines[i]?.split('\0').includes(run)).map((pid) => `process ${pid}`)
}
