// What is ours on this engine, by its labels, and its removal: by label, never by Compose, and never from the living.
import { setTimeout as pause } from 'node:timers/promises'
import type { NetworkInspectInfo } from 'dockerode'
import { PROJECT_LABEL, RUN_LABEL, runOf } from '../setup/run-name.ts'
import { EnvironmentError } from '../time/errors.ts'
import { docker, isGone } from './docker.ts'

const REMOVAL_LIMIT_MS = 10_000
const NEXT_TRY_MS = 200

/** The engine's status for a network that somebody is on. */
const IN_USE = 403

/** A deployment that somebody started with Compose by hand is that person's. */
export const BY_HAND = 'by-hand'

/** Everything of ours on the engine, by the run it belongs to. */
export interface Residue {
  readonly run: string
  readonly containers: readonly string[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
}

/** Lists what is ours, of one run or of all: also what Compose made for a run, and its file gave no label. */
export const residueOf = async (run?: string): Promise<readonly Residue[]> => {
  const labelled = await Promise.all([RUN_LABEL, PROJECT_LABEL].map((label) => withLabel(label, run)))
  const all = labelled.flat().filter((each) => run === undefined || each.run === run)
  const of = (owner: string, kind: Found['kind']): string[] => [
    ...new Set(all.filter((each) => each.run === owner && each.kind === kind).map((each) => each.id)),
  ]
  return [...new Set(all.map((each) => each.run))].sort().map((owner) => ({
    run: owner,
    containers: of(owner, 'containers'),
    networks: of(owner, 'networks'),
    volumes: of(owner, 'volumes'),
  }))
}

/** One thing on the engine, and the run that it is of. */
interface Found {
  readonly kind: 'containers' | 'networks' | 'volumes'
  readonly id: string
  readonly run: string
}

const withLabel = async (label: string, run: string | undefined): Promise<readonly Found[]> => {
  const filters = { label: [run === undefined ? label : `${label}=${run}`] }
  const [containers, networks, volumes] = await Promise.all([
    docker().listContainers({ all: true, filters }),
    docker().listNetworks({ filters }),
    docker().listVolumes({ filters }),
  ])
  return [
    ...containers.flatMap(({ Id, Labels }) => found('containers', Id, Labels)),
    ...networks.flatMap(({ Id, Labels }) => found('networks', Id, Labels)),
    ...(volumes.Volumes ?? []).flatMap(({ Name, Labels }) => found('volumes', Name, Labels)),
  ]
}

const found = (kind: Found['kind'], id: string, labels: Parameters<typeof runOf>[0]): readonly Found[] => {
  const run = runOf(labels)
  return run === undefined ? [] : [{ kind, id, run }]
}

const OWNER = '_owner_'

/** The volume that says whose a run is; the process's number and start make it one of a kind. */
export const ownersVolume = (run: string, { pid, startTicks }: { pid: number; startTicks: string }): string =>
  `${run}${OWNER}${pid}_${startTicks}`

const isOwners = (name: string): boolean => name.includes(OWNER)

const unlessGone = async (removal: Promise<unknown>): Promise<void> => {
  await removal.catch((error: unknown) => {
    if (!isGone(error)) throw error
  })
}

/** One whose removal somebody else began is on its network until the engine is done; past the limit the network says so itself. */
const untilNoContainer = async (run: string): Promise<void> => {
  const until = Date.now() + REMOVAL_LIMIT_MS
  const hasContainers = async (): Promise<boolean> =>
    (await residueOf(run)).some(({ containers }) => containers.length > 0)
  while ((await hasContainers()) && Date.now() < until) await pause(50)
}

/**
 * Tried for as long as the engine says that somebody is on it: it says so until it is done with who just left. Throws EnvironmentError
 * ERR_NETWORK_OCCUPIED where somebody is; ERR_ENGINE_STUCK where nobody is: then it has lost count, and knows better only when it
 * starts again.
 */
const removeNetwork = async (id: string, limitMs: number): Promise<void> => {
  for (const until = Date.now() + limitMs; ; await pause(NEXT_TRY_MS)) {
    try {
      return await unlessGone(docker().getNetwork(id).remove())
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== IN_USE) throw error
      if (Date.now() < until) continue
      throw await notRemovable(id, error)
    }
  }
}

const notRemovable = async (id: string, cause: unknown): Promise<EnvironmentError> => {
  const { Name, Containers } = (await docker().getNetwork(id).inspect()) as NetworkInspectInfo
  const strangers = Object.values(Containers ?? {}).map((each) => each.Name)
  if (strangers.length > 0)
    return new EnvironmentError(
      `Network ${Name} stays while somebody is on it: ${strangers.join(', ')}. End that, or run \`docker network disconnect --force ${Name} ${strangers[0]}\`, then \`npm run clean\`.`,
      { code: 'ERR_NETWORK_OCCUPIED', cause },
    )
  return new EnvironmentError(
    `The Docker engine holds network ${Name} for in use, and nobody is on it: restart the engine (with --live-restore other containers go on), then run \`npm run clean\`.`,
    { code: 'ERR_ENGINE_STUCK', cause },
  )
}

/** Waits for all of them. Resolves with why some of them came to nothing. */
const reasonsOf = async (removals: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  (await Promise.allSettled(removals)).flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))

const removeVolumes = (names: readonly string[]): Promise<readonly unknown[]> =>
  reasonsOf(names.map((name) => unlessGone(docker().getVolume(name).remove())))

/**
 * Removes a run's containers, then its networks and volumes; its lease is its holder's to end. Rejects with the first that would not
 * go, once everything else has. Idempotent.
 */
export const remove = async (run: string, limitMs = REMOVAL_LIMIT_MS): Promise<void> => {
  for (const { containers, networks, volumes } of await residueOf(run)) {
    // A paused container does not die by SIGKILL on cgroup v1 until it is thawed: the engine's force does both.
    const kept = await reasonsOf(
      containers.map((id) => unlessGone(docker().getContainer(id).remove({ force: true, v: true }))),
    )
    await untilNoContainer(run)
    const held = await reasonsOf(networks.map((id) => removeNetwork(id, limitMs)))
    const left = [...kept, ...held, ...(await removeVolumes(volumes.filter((name) => !isOwners(name))))]
    // Whose it is is told to the last: of what nobody told anybody would take the run for dead, and end its processes.
    if (left.length === 0) left.push(...(await removeVolumes(volumes.filter(isOwners))))
    if (left.length > 0) throw left[0]
  }
}

/** Removes the helpers of a run that stays, and nothing else: whoever held them is no more. Idempotent. */
export const removeHelpers = async (run: string): Promise<void> => {
  const filters = { label: [`${RUN_LABEL}=${run}`, 'firedrill.part=helper'] }
  const helpers = await docker().listContainers({ all: true, filters })
  await Promise.all(helpers.map(({ Id }) => unlessGone(docker().getContainer(Id).remove({ force: true, v: true }))))
}
