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

/** What the engine that a lease was taken on is called, for people: by its ID, or by where it was asked. */
export const nameOfEngine = ({ engine, endpoint: where }: Pick<Lease, 'engine' | 'endpoint'>): string =>
  engine ?? where ?? 'nobody knows which'

/**
 * Those of the leases that are of another engine than the one that answers here. Where the lease or this engine tells no ID, what was taken at the
 * same endpoint is this one's. One that says neither is this one's, and so is one of whose run something is here, whatever it says: an engine may be
 * given another ID.
 */
export const elsewhereAmong = async (held: readonly Lease[]): Promise<readonly Lease[]> => {
  const told = held.filter((lease) => lease.engine !== undefined || lease.endpoint !== undefined)
  if (told.length === 0) return []
  const here = await engineId()
  const isAway = (lease: Lease): boolean =>
    here === null || lease.engine === undefined ? lease.endpoint !== endpoint() : lease.engine !== here
  const others = told.filter(isAway)
  if (others.length === 0) return []
  const left = new Set((await residueOf()).map(({ run }) => run))
  return others.filter(({ run }) => !left.has(run))
}
