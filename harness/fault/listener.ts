// The witness from the other side, who tries whether the node's listener still takes connections.
import type { Container } from '../topology/topology.ts'
import type { Probe } from './runtime.ts'
import { type Sighting, sight, TRY_MS } from './sighting.ts'

/**
 * silent: nobody takes a connection (none is answered, or it is refused). refused: a reset says so. present: the address
 * answers, by taking it or by a reset. listening: somebody takes it.
 */
export type Listening = 'silent' | 'refused' | 'present' | 'listening'

/** Whether there is a port to try. */
export const hasPort = ({ ports }: Container): boolean => Object.keys(ports).length > 0

/**
 * Tries the container's first port until one try shows what is wanted. Null when `limit` aborts first, or the
 * container has no port.
 */
export const watchListener = async (
  probe: Probe,
  container: Container,
  wanted: Listening,
  limit: AbortSignal,
): Promise<Sighting | null> => {
  const [port] = Object.values(container.ports)
  if (!port) return null
  const tryOnce = async () => {
    const { outcome, from, to } = await probe(container.address, port.inside, TRY_MS)
    const isSo = SHOWS[wanted].includes(outcome)
    const said = `${container.name} port ${port.inside}: ${outcome}, from a container on the same network`
    // A try that nobody answered shows that it was so when it began; an answer shows it at its end.
    return outcome === 'timed-out' ? { isSo, from, at: from, said, unansweredUntil: to } : { isSo, from, at: to, said }
  }
  return sight(container, tryOnce, limit)
}

type Outcome = Awaited<ReturnType<Probe>>['outcome']

const SHOWS: Readonly<Record<Listening, readonly Outcome[]>> = {
  silent: ['refused', 'unreachable', 'timed-out'],
  refused: ['refused'],
  present: ['connected', 'refused'],
  listening: ['connected'],
}
