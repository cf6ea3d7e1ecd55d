// One round of the proof of healing: a harness with faults in effect is killed at a random instant, its warden, or both; then
// somebody looks for anything that is left.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { clearDead } from '../fault/clearing.ts'
import { endLease, leaseOf, takeLease } from '../topology/lease.ts'
import { remove, residueOf } from '../topology/residue.ts'
import { type HarnessUnderFire, startHarness } from './harness-under-fire.ts'
import { hostState } from './host-state.ts'
import { changed, helpersOf, nodeStates, rulesOn } from './node-states.ts'
import { startDrill } from './run-drill.ts'

const LIMIT_MS = 15_000
const LOOK_EVERY_MS = 100
const MOST_MS = 4000
/** Of the rounds that kill the harness, those whose deployment stays. */
const KEPT_SHARE = 0.4

export type Victim = 'harness' | 'warden' | 'both'

export interface Round {
  readonly run: string
  readonly victim: Victim
  /** Its deployment was to stay: then its nodes are looked at, in place of whether they are gone. */
  readonly isKept: boolean
  /** What was on the nodes then, by the harness's own word. */
  readonly faults: string
  /** Whether any of that was in effect or being healed: else there was nothing to leave. */
  readonly wasBroken: boolean
  /** Who cleared it: the harness at its own end, its warden, or the next command where nobody was left. */
  readonly by: 'harness' | 'warden' | 'command'
  /** What was done to the engine meanwhile; absent where nothing was. */
  readonly engine?: string
  /** Until nothing was left, ms: from the end of the harness, or of the engine's restart, on. A command that clears it is part of that. */
  readonly tookMs: number
  /** What was left then, and what ended badly; empty when the round was clean. */
  readonly left: readonly string[]
}

/** Most are the harness itself; what comes of `random` in [0, 1). */
export const victimOf = (random: number): Victim => (random < 0.6 ? 'harness' : random < 0.8 ? 'warden' : 'both')

/** Who is left to clear it. A harness without a warden may end badly by itself: then nobody is. */
export const clearedBy = (victim: Victim, exitCode: number | null): Round['by'] => {
  if (victim === 'harness') return 'warden'
  return victim === 'warden' && exitCode === 0 ? 'harness' : 'command'
}

/** What ended otherwise than with exit code 0, of a harness that came to its own end and of the command; null is a signal's. */
export const endedBadly = (ends: {
  readonly harness?: number | null
  readonly command?: number | null
}): readonly string[] =>
  (['harness', 'command'] as const).flatMap((who) => {
    const exitCode = ends[who]
    if (exitCode === undefined || exitCode === 0) return []
    return [exitCode === null ? `a ${who} that a signal ended` : `the ${who}'s exit code ${exitCode}`]
  })

/** What happens to the engine in a round, beside the killing. */
export interface EngineRestart {
  readonly called: string
  /** Without live-restore an engine ends every container itself: nodes that are down then are nobody's fault. */
  readonly keepsContainers: boolean
  /** Has it run already as it will be restarted: how it ends depends on how it was started. */
  ready(): Promise<void>
  /** Resolves once it answers again. */
  restart(): Promise<void>
}

interface Plan {
  readonly seed: number
  readonly subnet: string
  readonly random: () => number
  readonly engine?: EngineRestart | undefined
}

/** One round with draws of `random`, on a /24 of its own. Rejects when the harness itself would not start. */
export const healingRound = async (plan: Plan): Promise<Round> => {
  await plan.engine?.ready()
  const host = hostState()
  const harness = await startHarness(plan.seed, plan.subnet)
  try {
    return await killed(harness, plan, host)
  } catch (error) {
    // Whatever went wrong with the looking, the next round starts from nothing.
    kill(harness.pid)
    kill(harness.warden)
    await end(harness.run)
    throw error
  }
}

const killed = async (harness: HarnessUnderFire, plan: Plan, host: string): Promise<Round> => {
  const { random, engine } = plan
  const { run } = harness
  const was = await nodeStates(run)
  harness.begin()
  const victim = victimOf(random())
  const isKept = victim !== 'warden' && random() < KEPT_SHARE && (engine?.keepsContainers ?? true)
  await pause(random() * MOST_MS)
  // As `--keep` does for a drill whose worker was killed: from here on the deployment stays, whoever dies. A harness may end by the
  // engine's restart, and its warden would then remove all.
  if (isKept) await takeLease({ run, kind: 'up', subnet: plan.subnet })
  const isKilledFirst = random() < 0.5
  if (engine && !isKilledFirst) await engine.restart()
  const [faults, wasBroken] = [harness.faults(), harness.isBroken()]
  if (victim !== 'harness') kill(harness.warden)
  if (victim === 'warden') harness.finish()
  else kill(harness.pid)
  const exitCode = await harness.ended
  if (engine && isKilledFirst) await engine.restart()
  const by = clearedBy(victim, exitCode)
  const from = performance.now()
  const command = by === 'command' ? await startDrill(['clean']).ended : null
  const look = isKept ? () => leftOnNodes(run, { was, host }) : () => leftOf(run, host)
  const found = await untilNothing(look, from + LIMIT_MS)
  const tookMs = performance.now() - from
  const ends = {
    // An engine that is restarted may end a harness by what it does to it.
    ...(victim === 'warden' && !engine && { harness: exitCode }),
    ...(command && { command: command.exitCode }),
  }
  const left = [...endedBadly(ends), ...found]
  if (isKept) await end(run)
  // What was found is told; the next round starts from nothing.
  else if (left.length > 0) await clearDead()
  return { run, victim, isKept, faults, wasBroken, by, ...(engine && { engine: engine.called }), tookMs, left }
}

const end = async (run: string): Promise<void> => {
  await remove(run)
  await endLease(run)
}

/** Of a deployment that stays: its nodes are as they were, and so is the host; the warden is gone. */
const leftOnNodes = async (
  run: string,
  { was, host }: { readonly was: ReadonlyMap<string, string>; readonly host: string },
): Promise<readonly string[]> => {
  const left = [...changed(was, await nodeStates(run)), ...(await helpersOf(run)), ...(await processesNaming(run))]
  return left.length > 0 ? left : [...(await rulesOn(run)), ...leftOnHost(host)]
}

const leftOnHost = (was: string): readonly string[] =>
  hostState() === was ? [] : ['another state of the host than before']

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended by itself, as when the engine was restarted under it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const untilNothing = async (look: () => Promise<readonly string[]>, until: number): Promise<readonly string[]> => {
  for (;;) {
    const left = await look()
    if (left.length === 0 || performance.now() > until) return left
    await pause(LOOK_EVERY_MS)
  }
}

const leftOf = async (run: string, host: string): Promise<readonly string[]> => {
  const left = await onTheEngine(run)
  if (left.length > 0) return left
  return [...(await processesNaming(run)), ...((await leaseOf(run)) ? ['its lease'] : []), ...leftOnHost(host)]
}

/** What carries the run's label, as words. Packet rules, queues and states of nodes go with the containers they are in. */
export const onTheEngine = async (run: string): Promise<readonly string[]> =>
  (await residueOf(run)).flatMap(({ containers, networks, volumes }) => [
    ...containers.map((id) => `container ${id.slice(0, 12)}`),
    ...networks.map((id) => `network ${id.slice(0, 12)}`),
    ...volumes.map((name) => `volume ${name}`),
  ])

/** The warden, and whatever else has the run's name on its command line. */
const processesNaming = async (run: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, i) => lines[i]?.split('\0').includes(run)).map((pid) => `process ${pid}`)
}
