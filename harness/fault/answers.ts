// The witness who asks: a frozen process still has its connections accepted by the kernel, and answers nothing.
import { setTimeout as pause } from 'node:timers/promises'
import type { Container } from '../topology/topology.ts'
import type { Sighting } from './listener.ts'
import type { Ask } from './runtime.ts'

const TRY_MS = 250
const NEXT_TRY_MS = 3

/** Ports whose listeners speak HTTP, by the names their labels give them, the cheapest to answer first. */
const SPEAK_HTTP = ['status', 'patroni', 'etcd', 'dp-manager', 'dashboard', 'http', 'seen']

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
  const name = SPEAK_HTTP.find((each) => container.ports[each])
  const port = name && container.ports[name]
  if (!port) return null
  let lastContrary: number | null = null
  while (!limit.aborted) {
    const tried = await ask(`http://${container.address}:${port.inside}/`, TRY_MS)
    if (tried.answered === (wanted === 'answers')) {
      // A try that nobody answered shows that it was so when it began; an answer shows it at its end.
      const at = tried.answered ? tried.to : tried.from
      const words = tried.answered ? 'answers' : `gives no answer within ${TRY_MS} ms`
      const said = `${container.name} port ${port.inside} ${words}, asked from a container on the same network`
      return {
        evidence: { source: 'probe from inside', said, confirms: true, at, container: container.name },
        bounds: [lastContrary ?? tried.from, at],
      }
    }
    lastContrary = tried.from
    await pause(NEXT_TRY_MS, undefined, { signal: limit }).catch(() => {})
  }
  return null
}
