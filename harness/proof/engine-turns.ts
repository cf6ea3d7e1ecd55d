// The restarts of the Docker engine that the proof of healing takes turns with.
import { engineCommands } from '../setup/engine-start.ts'
import { EnvironmentError } from '../time/errors.ts'
import { engineCommand, engineUse, restartEngine, whyNotRestart } from '../topology/engine-restart.ts'
import type { EngineRestart } from './healing.ts'

/** The restarts that take turns, and what puts the engine back to how it was. Throws EnvironmentError where it is refused. */
export const engineToRestart = async (): Promise<{
  readonly restarts: readonly EngineRestart[]
  end(): Promise<void>
}> => {
  const because = whyNotRestart(await engineUse())
  if (because !== null)
    throw new EnvironmentError(`Refused to restart the Docker engine: ${because}.`, { code: 'ERR_ENGINE_RESTART' })
  const runsBy = async (command: readonly string[]): Promise<void> => {
    if ((await engineCommand())?.join(' ') !== command.join(' ')) await restartEngine(command)
  }
  const by = (command: readonly string[], called: string, keepsContainers: boolean): EngineRestart => ({
    called,
    keepsContainers,
    ready: () => runsBy(command),
    restart: () => restartEngine(command),
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
