// Follows a data-plane node's own word on whether it is ready, from inside, while it comes back.
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { type Node, portOf } from '../topology/topology.ts'
import type { Callers } from './callers.ts'

const LOOK_EVERY_MS = 25
const LOOK_LIMIT_MS = 500

/** Looks until stopped; every change of mind is an event, with the last look that saw the old one. */
export const followReadiness = (
  world: { callers: Pick<Callers, 'get'>; recorder: Recorder; clock: Clock },
  node: Node,
): { stop(): Promise<void>; readonly isReady: () => boolean } => {
  const found = portOf(node, 'status')
  const ended = new AbortController()
  let ready: boolean | null = null
  let lastLookAt = world.clock.now()

  const look = async (): Promise<void> => {
    if (!found) return
    const from = world.clock.now()
    const answer = await world.callers.get(`http://${found.container.address}:${found.port.inside}/status/ready`, {
      timeoutMs: LOOK_LIMIT_MS,
    })
    const isReady = answer.ok && answer.status === 200
    if (isReady !== ready || !isReady) {
      const because = answer.ok ? `status ${answer.status}` : (answer.error ?? 'no answer')
      world.recorder.record({ kind: 'readiness', at: answer.to, node: node.name, ready: isReady, lastLookAt, because })
    }
    ready = isReady
    lastLookAt = from
  }
  const following = (async (): Promise<void> => {
    while (found && !ended.signal.aborted) {
      await look()
      await pause(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
    }
  })()
  return {
    isReady: () => ready === true,
    async stop() {
      ended.abort()
      await following
    },
  }
}
