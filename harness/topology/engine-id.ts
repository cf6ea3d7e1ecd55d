// Which Docker engine answers, and which leases are of another one: what those hold cannot be seen, healed or removed from here.
import { engineSays } from './engine-says.ts'
import type { Lease } from './lease.ts'
import { residueOf } from './residue.ts'

const ANSWER_LIMIT_MS = 3000

/** The ID that the engine gives itself, the same for as long as it keeps what it has; null where it tells none. */
export const engineId = async (): Promise<string | null> => {
  // Podman makes one up for every answer: such a one says nothing.
  const [one, another] = await Promise.all([askedId(), askedId()])
  return one === another ? one : null
}

/** Where the engine is asked: what DOCKER_HOST says, or this machine's own socket. */
export const endpoint = (): string => process.env.DOCKER_HOST || 'default'

const askedId = async (): Promise<string | null> => {
  try {
    return (await engineSays(AbortSignal.timeout(ANSWER_LIMIT_MS))).ID || null
  } catch {
    // Whoever takes a lease is not held up by it: one that names no engine is taken for this one's.
    return null
  }
}

/**
 * Those of the leases that name another engine than the one that answers here. One that names none is this engine's, and so is one of whose run
 * something is here, whatever it names: an engine may be given another ID. Where this one tells none, what was taken at the same endpoint is its own.
 */
export const elsewhereAmong = async (held: readonly Lease[]): Promise<readonly Lease[]> => {
  if (held.every(({ engine }) => engine === undefined)) return []
  const here = await engineId()
  const isAway = (lease: Lease): boolean => (here === null ? lease.endpoint !== endpoint() : lease.engine !== here)
  const others = held.filter((lease) => lease.engine !== undefined && isAway(lease))
  if (others.length === 0) return []
  const left = new Set((await residueOf()).map(({ run }) => run))
  return others.filter(({ run }) => !left.has(run))
}
