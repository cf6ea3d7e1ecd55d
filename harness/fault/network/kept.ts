// The connection that was open before a fault: the witness of what becomes of established ones.
import type { Container } from '../../topology/topology.ts'
import { httpPort } from '../answers.ts'
import type { Kept, NetworkWorld } from './network.ts'

const ANSWER_MS = 1000

/** Opens one that answers, and again: null where nobody can, no port speaks HTTP, or its server ends each connection after one answer. */
export const keptBefore = async (world: NetworkWorld, container: Container): Promise<Kept | null> => {
  const port = httpPort(container)
  if (!world.keep || port === null) return null
  const kept = await world.keep(container.address, port).catch(() => null)
  if (!kept) return null
  const answers = [await kept.ask(ANSWER_MS), await kept.ask(ANSWER_MS)]
  if (answers.every((each) => each === 'answered')) return kept
  kept.close()
  return null
}
