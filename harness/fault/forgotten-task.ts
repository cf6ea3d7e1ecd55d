// A container that the engine can never start again: containerd keeps a process of it that the engine knows nothing of.

import { FaultError } from '../time/errors.ts'
import { docker } from '../topology/docker.ts'
import { againFrom } from './replacement/original.ts'

/** What nodes of these roles write beside their volumes may be all there is of it. */
const KEEPS_DATA = new Set(['database', 'config-store', 'object-store'])

/**
 * Whether the engine refused to start a container because of one. It comes of an engine with live-restore (seen with 20.10) that
 * ended while the container began: its process was made, and nobody wrote it down.
 */
export const isForgottenTask = (error: unknown): boolean => {
  const { statusCode, message = '' } = (error ?? {}) as { statusCode?: number; message?: string }
  return statusCode === 500 && /task [0-9a-f]{64}: already exists/.test(message)
}

/**
 * Makes the container anew, with the same name, address, labels and volumes, and starts it. Rejects with FaultError
 * ERR_FORGOTTEN_TASK where that could lose data.
 */
export const madeAnew = async (container: string): Promise<void> => {
  const forgotten = docker().getContainer(container)
  const inspected = await forgotten.inspect()
  if (KEEPS_DATA.has(inspected.Config.Labels['firedrill.role'] ?? '')) throw notMade(inspected.Name.replace(/^\//, ''))
  const again = againFrom(inspected)
  // Its volumes stay: the one that comes takes them over.
  await forgotten.remove({ force: true, v: false })
  await (await docker().createContainer(again)).start()
}

const notMade = (name: string): FaultError =>
  new FaultError(
    `The engine lost track of a process of ${name} when it was restarted, and cannot start it any more; what ${name} holds is not thrown away for that. Restart the engine and containerd, or remove the deployment with \`npm run down\`.`,
    { code: 'ERR_FORGOTTEN_TASK' },
  )
