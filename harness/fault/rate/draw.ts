// How long a node takes to send so many answers: over a connection made anew, or over one that was open before it was limited.
import type { Container } from '../../topology/topology.ts'
import { httpPort } from '../answers.ts'
import type { Drawn, Kept, NetworkWorld } from '../network/network.ts'

/** So much longer than its burst a draw takes at the rate that was asked for, ms. */
export const DRAW_MS = 250
/** Enough to know how large one answer is. */
const FEW = 8
/** The fastest of so many, so that a busy machine does not speak for the node. */
const TRIES = 3

/** What was measured when nothing was limited. */
export interface Before {
  readonly kept: Kept | null
  /** So many answers take clearly longer at the rate that was asked for; 0 where nobody could measure one. */
  readonly answers: number
  readonly tookMs: number
}

/** Infinity where not everything came within the limit. */
export const tookMs = ({ outcome, from, to }: Drawn): number => (outcome === 'answered' ? to - from : Infinity)

/** Over one connection made for it; null where none could be made, nobody can keep one, or nothing is to be asked. */
export const drawFresh = async (
  world: Pick<NetworkWorld, 'keep'>,
  container: Container,
  { answers, limitMs }: { readonly answers: number; readonly limitMs: number },
): Promise<Drawn | null> => {
  const port = httpPort(container)
  if (!world.keep || port === null || answers === 0) return null
  const fresh = await world.keep(container.address, port).catch(() => null)
  if (!fresh) return null
  try {
    return await fresh.draw(answers, limitMs)
  } finally {
    fresh.close()
  }
}

/** How many answers hold so many bytes, and how long they take. */
export const drawBefore = async (
  world: Pick<NetworkWorld, 'keep'>,
  container: Container,
  { bytes, limitMs }: { readonly bytes: number; readonly limitMs: number },
): Promise<Omit<Before, 'kept'>> => {
  const few = await drawFresh(world, container, { answers: FEW, limitMs })
  if (few?.outcome !== 'answered') return { answers: 0, tookMs: Infinity }
  const answers = Math.ceil(bytes / (few.bytes / FEW))
  let fastestMs = Infinity
  for (let tries = 0; tries < TRIES; tries += 1) {
    const drawn = await drawFresh(world, container, { answers, limitMs })
    if (drawn) fastestMs = Math.min(fastestMs, tookMs(drawn))
  }
  return { answers, tookMs: fastestMs }
}
