// Restarts the Docker engine: only the one that set-up starts, and only where nobody else's containers run on it.
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { askEngine, isThisMachines } from '../setup/engine.ts'
import { engineCommands, startEngine } from '../setup/engine-start.ts'
import { enginePidFiles, readPidFile } from '../setup/pid-files.ts'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from './docker.ts'
import { isAlive, leases } from './lease.ts'
import { lifeBy, ownersOf } from './owner.ts'

/** Without live-restore it ends every container first, and gives each up to 15 s. */
const END_LIMIT_MS = 90_000

/** A container that runs, and the run that it is of; null where it is none of ours. */
export interface Running {
  readonly name: string
  readonly run: string | null
}

/** What an engine is started by, what runs on it, and which runs live, or may. */
export interface EngineUse {
  readonly command: readonly string[] | null
  readonly running: readonly Running[]
  readonly living: readonly string[]
}

/** Why the engine is not to be restarted; null where nothing speaks against it. */
export const whyNotRestart = (seen: EngineUse): string | null => {
  const ours = Object.values(engineCommands).map((words) => words.join(' '))
  const command = seen.command?.join(' ') ?? 'something else'
  if (!ours.includes(command)) return `it was not started by \`${ours[0]}\`, as firedrill does, but by \`${command}\``
  const others = seen.running.filter(({ run }) => run === null || seen.living.includes(run))
  if (others.length > 0) return `others run on it: ${others.map(({ name }) => name).join(', ')}`
  return seen.living.length > 0 ? `runs go on: ${seen.living.join(', ')}` : null
}

/** Who is on the engine now. `mine` is a run that does not count: whoever asks is about to remove it. */
export const engineUse = async (mine: string | null = null): Promise<EngineUse> => {
  const [containers, held, owners] = await Promise.all([docker().listContainers(), leases(), ownersOf()])
  const owned = [...owners].filter(([, each]) => lifeBy(each) !== 'dead').map(([run]) => run)
  const own = held.filter(isAlive).map(({ run }) => run)
  return {
    command: await engineCommand(),
    running: containers.map(({ Names, Labels }) => ({
      name: Names.join().replace('/', ''),
      run: Labels['firedrill.run'] ?? null,
    })),
    living: [...new Set([...own, ...owned])].filter((run) => run !== mine),
  }
}

/** The words that this machine's engine was started by; null where there is none, or where it is another machine's. */
export const engineCommand = async (): Promise<readonly string[] | null> => {
  const pid = await enginePid()
  if (pid === null) return null
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const words = line.split('\0').filter(Boolean)
  // It was found on PATH, or is named by where it lies.
  return words.map((word, i) => (i === 0 ? (word.split('/').at(-1) ?? word) : word))
}

/** Ends the engine and starts it by these words. Resolves once it answers; rejects with EnvironmentError ERR_ENGINE_RESTART where it would not end. */
export const restartEngine = async (command: readonly string[]): Promise<void> => {
  await endEngine()
  await startEngine(command)
}

/**
 * Restarts an engine that holds a network for in use though nobody is on it: it counts anew then. Resolves with null once it answers again,
 * else with why it was not touched: it is not one that set-up started, or somebody is on it, be it only a container of a run that is dead.
 */
export const restartStuckEngine = async (mine: string | null = null): Promise<string | null> => {
  const seen = await engineUse(mine)
  const running = seen.running
    .filter(({ run }) => run === null || run !== mine)
    .map(({ name }) => ({ name, run: null }))
  const because = process.getuid?.() === 0 ? whyNotRestart({ ...seen, running }) : 'only root may restart it'
  if (because === null) await restartEngine(engineCommands.liveRestore)
  return because
}

const isStuck = (error: unknown): boolean => (error as { code?: string } | null)?.code === 'ERR_ENGINE_STUCK'

/**
 * Removes something of a run of this process's own, and once more after a restart of the engine where that was stuck and may be restarted;
 * says so, since whoever else uses it may have felt it. Rejects as `removal` does.
 */
export const withEngineUnstuck = async (
  run: string,
  removal: () => Promise<void>,
  say: (text: string) => void = console.log,
): Promise<void> => {
  try {
    await removal()
  } catch (error) {
    if (!isStuck(error) || (await restartStuckEngine(run)) !== null) throw error
    say(`The Docker engine was restarted: it held a network of ${run} for in use, and nobody was on it.`)
    await removal()
  }
}

/** The engine's own process, by its pid file; null where it is not there, or not on this machine. */
const enginePid = async (): Promise<number | null> => {
  const answer = await askEngine()
  if (!isThisMachines(answer.endpoint)) return null
  const [file] = enginePidFiles
  const said = await readPidFile(file)
  return said.state === 'alive' ? said.pid : null
}

/** Asks it to end, as a package's update would, and waits until its process is gone. */
const endEngine = async (): Promise<void> => {
  const pid = await enginePid()
  if (pid === null) return
  process.kill(pid, 'SIGTERM')
  const until = performance.now() + END_LIMIT_MS
  const [file] = enginePidFiles
  for (;;) {
    const said = await readPidFile(file)
    if (said.state !== 'alive' || said.pid !== pid) return
    if (performance.now() > until)
      throw new EnvironmentError(`dockerd (process ${pid}) did not end within ${END_LIMIT_MS / 1000} s.`, {
        code: 'ERR_ENGINE_RESTART',
      })
    await pause(100)
  }
}
