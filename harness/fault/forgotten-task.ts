// A container that the engine can never start again: containerd keeps a process of it that the engine knows nothing of.
import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode'
import { FaultError } from '../time/errors.ts'
import { docker, isAlready } from '../topology/docker.ts'
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

/** The label of one that was made anew: the id of the container that it was made for. */
const MADE_FOR = 'firedrill.made-for'

/** What it is called until the other one is gone. */
const ASIDE = '.anew'

/**
 * Makes the container anew, with the same name, address, labels and volumes, and starts it. Rejects with FaultError
 * ERR_FORGOTTEN_TASK where that could lose data. Whatever it rejects with, the container or the one that was made for it is there.
 */
export const madeAnew = async (container: string): Promise<void> => {
  const forgotten = docker().getContainer(container)
  const inspected = await forgotten.inspect()
  if (KEEPS_DATA.has(inspected.Config.Labels['firedrill.role'] ?? '')) throw notMade(inspected.Name.replace(/^\//, ''))
  if ((await madeFor(container)) === null) await docker().createContainer(anewFrom(inspected))
  // Its volumes stay: the one that comes takes them over.
  await forgotten.remove({ force: true, v: false })
  await startMadeFor(container)
}

const anewFrom = (inspected: ContainerInspectInfo): ContainerCreateOptions => {
  const again = againFrom(inspected)
  return { ...again, name: `${again.name}${ASIDE}`, Labels: { ...again.Labels, [MADE_FOR]: inspected.Id } }
}

/** Gives whoever was made for a container that is gone its name, and starts it; does nothing where nobody was. Again does no harm. */
export const startMadeFor = async (container: string): Promise<void> => {
  const id = await madeFor(container)
  if (id === null) return
  const made = docker().getContainer(id)
  const name = (await made.inspect()).Name.replace(/^\//, '')
  if (name.endsWith(ASIDE)) await made.rename({ name: name.slice(0, -ASIDE.length) })
  await made.start().catch((error: unknown) => {
    if (!isAlready(error)) throw error
  })
}

const madeFor = async (container: string): Promise<string | null> => {
  const filters = { label: ['firedrill.run', `${MADE_FOR}=${container}`] }
  return (await docker().listContainers({ all: true, filters }))[0]?.Id ?? null
}

const notMade = (name: string): FaultError =>
  new FaultError(
    `The engine lost track of a process of ${name} when it was restarted, and cannot start it any more; what ${name} holds is not thrown away for that. Restart the engine and containerd, or remove the deployment with \`npm run down\`.`,
    { code: 'ERR_FORGOTTEN_TASK' },
  )
