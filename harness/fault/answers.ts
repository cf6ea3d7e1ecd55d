// The witness who asks: a frozen process still has its connections accepted by the kernel, and answers nothing.
import type { Container } from '../topology/topology.ts'
import type { Ask } from './runtime.ts'
import { type Sighting, sight, TRY_MS } from './sighting.ts'

/** Ports whose listeners speak HTTP, by the names their labels give them, the cheapest to answer first. */
const SPEAK_HTTP = ['status', 'patroni', 'etcd', 'dp-manager', 'dashboard', 'http', 'seen']

/** The port of a container that speaks HTTP; null when none does. */
export const httpPort = ({ ports }: Container): number | null => {
  const name = SPEAK_HTTP.find((each) => ports[each])
  return (name && ports[name]?.inside) || null
}

/**
 * Asks until one try shows what is wanted: 'answers', whatever the status, or 'silent'. Null when `limit` aborts first,
 * or where no port of the container speaks HTTP.
 */
export const watchAnswers = async (
  ask: Ask,
  container: Container,
  wanted: 'answers' | 'silent',
  limit: AbortSignal,
): Promise<Sighting | null> => {
  const port = httpPort(container)
  if (port === null) return null
  const tryOnce = async () => {
    const { answered, from, to } = await ask(`http://${container.address}:${port}/`, TRY_MS)
    const words = answered ? 'answers' : `gives no answer within ${TRY_MS} ms`
    const said = `${container.name} port ${port} ${words}, asked from a container on the same network`
    // A try that nobody answered shows that it was so when it began; an answer shows it at its end.
    return { isSo: answered === (wanted === 'answers'), from, at: answered ? to : from, said }
  }
  return sight(container, tryOnce, limit)
}
