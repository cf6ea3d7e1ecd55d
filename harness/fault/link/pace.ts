// How long an exchange takes, on a new connection and on one that was open before: the fastest of a few, so that a busy machine
// does not speak for the network.
import type { Container } from '../../topology/topology.ts'
import type { Kept, NetworkWorld } from '../network/network.ts'

/** One after another, since what holds up one would hold up all; at least so many, and on for as long as this. */
const LEAST_TRIES = 2
const MOST_TRIES = 5
const TRY_FOR_MS = 300

/** Whose pace is measured, and by which connection that was open before; null where nobody keeps one. */
export interface Runner {
  readonly world: NetworkWorld
  readonly container: Container
  readonly kept: Kept | null
}

/** In ms; null where there is nothing to measure, Infinity where it did not come about within the limit. */
export interface Pace {
  /** From the first packet to the answer of the kernel: one round trip. */
  readonly freshMs: number | null
  /** A request and its answer: one round trip and what the server needs. */
  readonly keptMs: number | null
  /** Its server ended the connection that was open before, as servers do with one that is idle for long: nothing to measure. */
  readonly isKeptEnded?: true
}

/** The port that connections are tried on; null of a container without one. */
export const portOf = ({ ports }: Container): number | null => Object.values(ports)[0]?.inside ?? null

/** One new connection: the ms it took, Infinity when it was not made, and between which instants. */
export const connectOnce = async (
  { world, container }: Pick<Runner, 'world' | 'container'>,
  limitMs: number,
): Promise<{ readonly tookMs: number; readonly from: number; readonly to: number }> => {
  const { outcome, from, to } = await world.probe(container.address, portOf(container) ?? 0, limitMs)
  return { tookMs: outcome === 'connected' ? to - from : Infinity, from, to }
}

/** The ms that an answer took: Infinity when none came, null when the connection has ended. */
const askOnce = async ({ clock }: NetworkWorld, kept: Kept, limitMs: number): Promise<number | null> => {
  const from = clock.now()
  const outcome = await kept.ask(limitMs)
  if (outcome === 'reset') return null
  return outcome === 'answered' ? clock.now() - from : Infinity
}

const fastest = async <None>(
  { clock }: NetworkWorld,
  tryOnce: () => Promise<number | None>,
): Promise<number | None> => {
  const until = clock.now() + TRY_FOR_MS
  let fastestMs = Infinity
  for (let tries = 0; tries < LEAST_TRIES || (tries < MOST_TRIES && clock.now() < until); tries += 1) {
    const tookMs = await tryOnce()
    if (typeof tookMs !== 'number') return tookMs
    fastestMs = Math.min(fastestMs, tookMs)
  }
  return fastestMs
}

/** Measures both; a try that takes longer than `limitMs` counts as none. */
export const paceOf = async (runner: Runner, limitMs: number): Promise<Pace> => {
  const { world, container, kept } = runner
  const fresh = async (): Promise<number> => (await connectOnce(runner, limitMs)).tookMs
  const freshMs = portOf(container) === null ? null : await fastest(world, fresh)
  const keptMs = kept ? await fastest(world, () => askOnce(world, kept, limitMs)) : null
  return { freshMs, keptMs, ...(kept && keptMs === null && { isKeptEnded: true }) }
}
