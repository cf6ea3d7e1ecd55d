// What carries our label on this engine, and its removal: by label, never by Compose, and never from the living.
import { docker, isGone } from './docker.ts'

const LABEL = 'firedrill.run'

/** A deployment that somebody started with Compose by hand is that person's. */
const BY_HAND = 'by-hand'

/** Everything of ours on the engine, by the run it belongs to. */
export interface Residue {
  readonly run: string
  readonly containers: readonly string[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
}

/** Lists what carries our label, of one run or of all. */
export const residueOf = async (run?: string): Promise<readonly Residue[]> => {
  const filters = { label: [run === undefined ? LABEL : `${LABEL}=${run}`] }
  const [containers, networks, volumes] = await Promise.all([
    docker().listContainers({ all: true, filters }),
    docker().listNetworks({ filters }),
    docker().listVolumes({ filters }),
  ])
  const found = [
    ...containers.map((each) => ({ kind: 'containers' as const, id: each.Id, run: each.Labels[LABEL] ?? BY_HAND })),
    ...networks.map((each) => ({ kind: 'networks' as const, id: each.Id, run: each.Labels?.[LABEL] ?? BY_HAND })),
    ...(volumes.Volumes ?? []).map((each) => ({
      kind: 'volumes' as const,
      id: each.Name,
      run: each.Labels?.[LABEL] ?? BY_HAND,
    })),
  ]
  const of = (owner: string, kind: 'containers' | 'networks' | 'volumes'): string[] =>
    found.filter((each) => each.run === owner && each.kind === kind).map((each) => each.id)
  return [...new Set(found.map((each) => each.run))].sort().map((owner) => ({
    run: owner,
    containers: of(owner, 'containers'),
    networks: of(owner, 'networks'),
    volumes: of(owner, 'volumes'),
  }))
}

const unlessGone = async (removal: Promise<unknown>): Promise<void> => {
  await removal.catch((error: unknown) => {
    if (!isGone(error)) throw error
  })
}

/** Removes a run's containers, then its networks and volumes; its lease is its holder's to end. Idempotent. */
export const remove = async (run: string): Promise<void> => {
  for (const residue of await residueOf(run)) {
    // A paused container does not die by SIGKILL on cgroup v1 until it is thawed: the engine's force does both.
    await Promise.all(
      residue.containers.map((id) => unlessGone(docker().getContainer(id).remove({ force: true, v: true }))),
    )
    await Promise.all(residue.networks.map((id) => unlessGone(docker().getNetwork(id).remove())))
    await Promise.all(residue.volumes.map((name) => unlessGone(docker().getVolume(name).remove())))
  }
}
