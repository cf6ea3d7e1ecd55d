// Follows a data-plane node's own word on whether it is ready, from inside, while it comes back.
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Callers } from './callers.ts'

const LOOK_EVERY_MS = 25
const LOOK_LIMIT_MS = 500

/** What the looks are made with. */
export interface ReadinessWorld {
  readonly callers: Pick<Callers, 'get'>
  readonly recorder: Recorder
  readonly clock: Clock
  /** Whether the balancers trust the node. */
  readonly isIn: (node: Node) => boolean
}

/**
 * Looks until the node is ready and trusted again, or `ended` aborts: a node that is trusted too early has to be followed
 * until it is ready, or nobody could say that it was not. Every look that sees it not ready is an event, and the first
 * that sees it ready. Resolves at once for a node without a status port; never rejects.
 */
export const followReadiness = async (world: ReadinessWorld, node: Node, ended: AbortSignal): Promise<void> => {
  const url = urlOf(node, 'status', '/status/ready')
  if (url === null) return
  let wasReady = false
  let lastLookAt = world.clock.now()
  while (!ended.aborted && !(wasReady && world.isIn(node))) {
    const from = world.clock.now()
    const answer = await world.callers.get(url, { timeoutMs: LOOK_LIMIT_MS }).catch(() => null)
    // The callers are gone: their end is on record, and there is nobody left to look.
    if (answer === null) return
    const ready = answer.ok && answer.status === 200
    if (!ready || !wasReady) {
      const because = answer.ok ? `status ${answer.status}` : (answer.error ?? 'no answer')
      world.recorder.record({ kind: 'readiness', at: answer.to, node: node.name, ready, lastLookAt, because })
    }
    wasReady = ready
    lastLookAt = from
    await pause(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => {})
  }
}

/** Those who follow nodes that come back, several at a time. */
export interface ReadinessFollowers {
  /** From now until the node is ready and trusted, or all of it ends. */
  follow(node: Node): void
  /** Nobody is followed any more. */
  end(): Promise<void>
}

/** Nobody is followed yet. */
export const createReadinessFollowers = (world: ReadinessWorld): ReadinessFollowers => {
  const ended = new AbortController()
  const following: Promise<void>[] = []
  return {
    follow: (node) => void following.push(followReadiness(world, node, ended.signal)),
    end: async () => {
      ended.abort()
      await Promise.all(following)
    },
  }
}

/**
 * Has each of these gateways followed from the instant that its heal is on record, before it is healed: by the script, by the harness after it,
 * or since its fault had lasted too long. A drain leaves a gateway ready.
 */
export const followHealed = ({
  recorder,
  gateways,
  readiness,
}: {
  readonly recorder: Pick<Recorder, 'subscribe'>
  readonly gateways: readonly Node[]
  readonly readiness: Pick<ReadinessFollowers, 'follow'>
}): void => {
  recorder.subscribe((event) => {
    if (event.kind !== 'fault' || event.stage !== 'heal' || event.fault === 'drain') return
    for (const node of gateways) if (event.targets.includes(node.name)) readiness.follow(node)
  })
}
