// Restarts the Docker engine under whatever runs on it: only the one that set-up starts, and only where nobody else's runs.
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { leftAlone } from '../fault/clearing.ts'
import { askEngine, isThisMachines } from '../setup/engine.ts'
import { engineCommands, startEngine } from '../setup/engine-start.ts'
import { enginePidFiles, readPidFile } from '../setup/pid-files.ts'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from '../topology/docker.ts'
import { isAlive, leases } from '../topology/lease.ts'
import type { EngineRestart } from './healing.ts'

/** Without live-restore it ends every container first, and gives each up to 15 s. */
const END_LIMIT_MS = 90_000

/** A container that runs, and the run that it is of; null where it is none of ours. */
export interface Running {
  readonly name: string
  readonly run: string | null
}

/** Why the engine is not to be restarted; null where nothing speaks against it. `command` is what it was started by. */
export const whyNotRestart = (seen: {
  readonly command: readonly string[] | null
  readonly running: readonly Running[]
  readonly living: readonly string[]
}): string | null => {
  const ours = Object.values(engineCommands).map((words) => words.join(' '))
  const command = seen.command?.join(' ') ?? 'something else'
  if (!ours.includes(command)) return `it was not started by \`${ours[0]}\`, as firedrill does, but by \`${command}\``
  const others = seen.running.filter(({ run }) => run === null || seen.living.includes(run))
  if (others.length > 0) return `others run on it: ${others.map(({ name }) => name).join(', ')}`
  return seen.living.length > 0 ? `runs go on: ${seen.living.join(', ')}` : null
}

/** The restarts that take turns, and what puts the engine back to how it was. Throws EnvironmentError where it is refused. */
export const engineToRestart = async (): Promise<{
  readonly restarts: readonly EngineRestart[]
  end(): Promise<void>
}> => {
  const because = whyNotRestart({ command: await commandOf(), ...(await seen()) })
  if (because !== null)
    throw new EnvironmentError(`Refused to restart the Docker engine: ${because}.`, { code: 'ERR_ENGINE_RESTART' })
  const restartBy = async (command: readonly string[]): Promise<void> => {
    await endEngine()
    await startEngine(command)
  }
  const runsBy = async (command: readonly string[]): Promise<void> => {
    if ((await commandOf())?.join(' ') !== command.join(' ')) await restartBy(command)
  }
  const by = (command: readonly string[], called: string, keepsContainers: boolean): EngineRestart => ({
    called,
    keepsContainers,
    ready: () => runsBy(command),
    restart: () => restartBy(command),
  })
  const { liveRestore, plain } = engineCommands
  return {
    restarts: [
      by(liveRestore, 'engine restarted, live-restore', true),
      by(plain, 'engine restarted, no live-restore', false),
    ],
    end: () => runsBy(liveRestore),
  }
}

const seen = async (): Promise<{ readonly running: readonly Running[]; readonly living: readonly string[] }> => ({
  running: (await docker().listContainers()).map(({ Names, Labels }) => ({
    name: Names.join().replace('/', ''),
    run: Labels['firedrill.run'] ?? null,
  })),
  living: [...(await leases()).filter(isAlive), ...(await leftAlone())].map(({ run }) => run),
})

/** The engine's own process, by its pid file; null where it is not there, or not on this machine. */
const enginePid = async (): Promise<number | null> => {
  const answer = await askEngine()
  if (!isThisMachines(answer.endpoint)) return null
  const [file] = enginePidFiles
  const said = await readPidFile(file)
  return said.state === 'alive' ? said.pid : null
}

const commandOf = async (): Promise<readonly string[] | null> => {
  const pid = await enginePid()
  if (pid === null) return null
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const words = line.split('\0').filter(Boolean)
  // It was found on PATH, or is named by where it lies.
  return words.map((word, i) => (i === 0 ? (word.split('/').at(-1) ?? word) : word))
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
