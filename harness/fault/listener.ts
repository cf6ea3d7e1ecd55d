// The witness from the other side, who tries whether the node's listener still takes connections.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import type { Container } from '../topology/topology.ts'
import type { Probe } from './runtime.ts'

/** How long one try may take, and how soon the next follows: together they bound the instant to a few ms. */
const TRY_MS = 250
const NEXT_TRY_MS = 3

/** What the witness saw of one container, and between which instants it changed. */
export interface Sighting {
  readonly evidence: Evidence
  readonly bounds: readonly [atLeast: number, atMost: number]
}

/**
 * Tries the container's ports until one try shows what is wanted: 'silent' (refused, unreachable or no answer) or
 * 'present' (its address answers: connected, or refused by a live stack). Null when `limit` aborts first, or the
 * container has no port.
 */
export const watchListener = async (
  probe: Probe,
  container: Container,
  wanted: 'silent' | 'present',
  limit: AbortSignal,
): Promise<Sighting | null> => {
  const [port] = Object.values(container.ports)
  if (!port) return null
  let lastContrary: number | null = null
  while (!limit.aborted) {
    const tried = await probe(container.address, port.inside, TRY_MS)
    const shows =
      tried.outcome === 'connected'
        ? 'present'
        : wanted === 'present' && tried.outcome === 'refused'
          ? 'present'
          : 'silent'
    if (shows === wanted) {
      // A try that nobody answered shows that it was so when it began; an answer shows it at its end.
      const at = tried.outcome === 'timed-out' ? tried.from : tried.to
      const said = `${container.name} port ${port.inside}: ${tried.outcome}, from a container on the same network`
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
