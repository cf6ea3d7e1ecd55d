// The connection that was open before a fault: the witness of what becomes of established ones.
import type { Container } from '../../topology/topology.ts'
import { httpPort } from '../answers.ts'
import type { Kept, NetworkWorld } from './network.ts'

const FIRST_ANSWER_MS = 1000

/** Opens one that answers; null where nobody can, or no port of the container speaks HTTP. */
export const keptBefore = async (world: NetworkWorld, container: Container): Promise<Kept | null> => {
  const port = httpPort(container)
  if (!world.keep || port === null) return null
  const kept = await world.keep(container.address, port).catch(() => null)
  if (!kept) return null
  if ((await kept.ask(FIRST_ANSWER_MS)) === 'answered') return kept
  kept.close()
  return null
}
