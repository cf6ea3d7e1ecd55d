// Whose a run is, told on the engine itself: whoever shares it can see, as whatever user, and from whatever folder or container.
import { userInfo } from 'node:os'
import { docker } from './docker.ts'
import { type Holder, here, type Life, lifeOf, thisProcess } from './holder.ts'
import { leaseOf } from './lease.ts'
import { ownersVolume } from './residue.ts'

const LABEL = 'firedrill.owner'

/** Who holds a run, as the engine was told. */
export interface Owner extends Holder {
  readonly user: string
  /** It may outlive its process: an `up` deployment, or a drill with `--keep`. */
  readonly stays: boolean
}

/**
 * Tells the engine whose a run is: its lease's, or this process's where it has none. A volume says so, since it is in nobody's way
 * and outlives a restart; it goes with the run's other volumes, last of all.
 */
export const tellOwner = async (run: string, { stays = false } = {}): Promise<void> => {
  const { pid, startTicks, host, boot, pids } = (await leaseOf(run)) ?? thisProcess()
  const owner: Owner = { user: userName(), stays, pid, startTicks, host, boot, pids }
  await docker().createVolume({
    Name: ownersVolume(run, { pid, startTicks }),
    Labels: { 'firedrill.run': run, [LABEL]: JSON.stringify(owner) },
  })
}

/** A user may have a number and no name. */
const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return `number ${process.getuid?.()}`
  }
}

/** Every run's owners, as far as they told. */
export const ownersOf = async (): Promise<ReadonlyMap<string, readonly Owner[]>> => {
  const { Volumes } = await docker().listVolumes({ filters: { label: [LABEL] } })
  const told = (Volumes ?? []).flatMap(({ Labels }) => {
    const owner = ownerIn(Labels?.[LABEL])
    return owner ? [{ run: Labels?.['firedrill.run'] ?? '', owner }] : []
  })
  return new Map([...Map.groupBy(told, ({ run }) => run)].map(([run, each]) => [run, each.map(({ owner }) => owner)]))
}

/** Another version may have told it in other words: those say nothing. */
const ownerIn = (text: string | undefined): Owner | null => {
  try {
    const owner = JSON.parse(text ?? 'null') as Partial<Owner> | null
    return typeof owner?.pid === 'number' && typeof owner.startTicks === 'string' ? (owner as Owner) : null
  } catch {
    return null
  }
}

/**
 * Whether a run lives, by its owners: one that lives is enough, and all of them have to be dead. Every run of ours tells before it makes
 * anything, so one of which nobody told is nobody's.
 */
export const lifeBy = (owners: readonly Owner[]): Life => {
  const lives = owners.map(lifeOfOwner)
  if (lives.includes('alive')) return 'alive'
  return lives.every((life) => life === 'dead') ? 'dead' : 'unknown'
}

/** Machines that share an engine may have one name, or tell nothing of their kernel: only processes of this very place are known. */
const lifeOfOwner = (owner: Owner): Life => {
  const { host, boot, pids } = here()
  const isHere = owner.host === host && owner.boot === boot && owner.pids === pids
  if (!isHere || boot === '' || pids === '') return 'unknown'
  const life = lifeOf(owner)
  return life === 'dead' && owner.stays ? 'unknown' : life
}
