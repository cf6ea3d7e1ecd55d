// The engine's side of a replacement: another container of the same make in the place of one, and the way back.
import { setTimeout as pause } from 'node:timers/promises'
import { FaultError, ScenarioError } from '../../time/errors.ts'
import { docker, isGone } from '../../topology/docker.ts'
import { variablesIn } from '../../topology/environment.ts'
import { REPLACES, replacementAddress } from '../../topology/replacement.ts'
import { type Original, originalFrom, type RestartPolicy } from './original.ts'

/** One that stands in another one's place. */
export interface Replacement {
  readonly id: string
  readonly isRunning: boolean
  /** Why it was never started, in the engine's own words; absent where it was. */
  readonly unstarted?: string
  /** On each network it is on; expected is one. */
  readonly addresses: Readonly<Record<string, string>>
  /** What it is made of, by its id, and what it was told. May hold secrets: its values are never recorded. */
  readonly image?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** What a container needs to be itself again. */
export interface Reinstated {
  readonly container: string
  readonly name: string
  readonly restart: RestartPolicy
}

/** The verbs of a replacement. */
export interface Replacements {
  /** Throws ScenarioError where the container could not be replaced, or not become itself again. */
  look(container: string): Promise<Original>
  /** From now on the engine starts it by nobody's will but ours. */
  keepDown(original: Original): Promise<void>
  /**
   * Another one of the same make runs under the name of one that was stopped. Rejects with FaultError ERR_UNFIT where it stands there and the
   * engine cannot start it for what it is made of.
   */
  put(original: Original): Promise<void>
  /** Who stands in its place, running or not; null when nobody does. */
  find(container: string): Promise<Replacement | null>
  /** Nobody stands in its place, and it has its name and its restart policy; it is not started. Again does no harm. */
  reinstate(reinstated: Reinstated): Promise<void>
}

const REMOVAL_LIMIT_MS = 10_000
const NEXT_LOOK_MS = 50

const UNFIT = 'ERR_UNFIT'

/** Of a start, for a program that is not in the image or cannot be run; an address that is taken, or an engine in trouble, is a 500. */
const UNFIT_STATUS = 400

/** Whether it stands there, and cannot be started for what it is made of. */
export const isUnfit = (error: unknown): boolean => (error as { readonly code?: string } | null)?.code === UNFIT

/** How the engine says 'never'. */
const NEVER = '0001-01-01T'

/** What an original is called meanwhile. */
const aside = (name: string): string => `${name}.replaced`

export const dockerReplacements: Replacements = {
  async look(container) {
    const original = originalFrom(await docker().getContainer(container).inspect())
    const wanted = replacementAddress(original.address)
    const owner = await ownerOf(original.network, wanted)
    if (owner === null) return original
    throw new ScenarioError(
      `replace of ${original.name}: its replacement would stand at ${wanted}, which is ${owner}'s. Give one of them another address.`,
      { code: 'ERR_REPLACE' },
    )
  },
  async keepDown({ id, restart }) {
    if (restart.Name !== 'no')
      await docker()
        .getContainer(id)
        .update({ RestartPolicy: { Name: 'no' } })
  },
  async put({ id, name, create }) {
    await docker()
      .getContainer(id)
      .rename({ name: aside(name) })
    const replacement = await docker().createContainer(create)
    await replacement.start().catch((cause: Error & { readonly statusCode?: number }) => {
      if (cause.statusCode !== UNFIT_STATUS) throw cause
      throw new FaultError(`What was put in the place of ${name} cannot be started: ${cause.message}`, {
        code: UNFIT,
        cause,
      })
    })
  },
  async find(container) {
    const [first, ...more] = await all(container)
    if (!first) return null
    if (more.length > 0)
      throw new FaultError(`${more.length + 1} containers replace ${container.slice(0, 12)}: expected one.`, {
        code: 'ERR_REPLACE',
      })
    const { State, NetworkSettings, Image, Config } = await docker().getContainer(first).inspect()
    const networks = Object.entries(NetworkSettings.Networks)
    return {
      id: first,
      isRunning: State.Running && !State.Paused,
      ...(State.StartedAt.startsWith(NEVER) && { unstarted: State.Error || 'nobody says why' }),
      addresses: Object.fromEntries(networks.map(([network, { IPAddress }]) => [network, IPAddress])),
      image: Image,
      environment: variablesIn(Config.Env),
    }
  },
  async reinstate({ container, name, restart }) {
    for (const id of await all(container)) await removed(id)
    await untilNobody(container)
    const original = docker().getContainer(container)
    const { Name, HostConfig } = await original.inspect()
    if (Name !== `/${name}`) await original.rename({ name })
    if ((HostConfig.RestartPolicy?.Name || 'no') !== restart.Name) await original.update({ RestartPolicy: restart })
  },
}

const all = async (container: string): Promise<readonly string[]> => {
  const filters = { label: ['firedrill.run', `${REPLACES}=${container}`] }
  return (await docker().listContainers({ all: true, filters })).map(({ Id }) => Id)
}

/** Volumes that were made for it alone go with it; those with a name are the original's too, and stay. */
const removed = async (id: string): Promise<void> => {
  await docker()
    .getContainer(id)
    .remove({ force: true, v: true })
    .catch((error: unknown) => {
      if (!isGone(error)) throw error
    })
}

/** One whose removal somebody else began, and died at, has the name until the engine is done; past the limit the rename says so. */
const untilNobody = async (container: string): Promise<void> => {
  const until = Date.now() + REMOVAL_LIMIT_MS
  while ((await all(container)).length > 0 && Date.now() < until) await pause(NEXT_LOOK_MS)
}

/** Whose an address is on a network, running or not. */
const ownerOf = async (network: string, address: string): Promise<string | null> => {
  const listed = await docker().listContainers({ all: true, filters: { network: [network] } })
  const owner = listed.find(({ NetworkSettings }) => {
    const endpoint = NetworkSettings.Networks[network]
    return endpoint?.IPAddress === address || endpoint?.IPAMConfig?.IPv4Address === address
  })
  return owner?.Names[0]?.replace(/^\//, '') ?? null
}
