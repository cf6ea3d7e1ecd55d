// The balancers' opinion of the nodes: looked at ten times a second, and waited for.
import { setTimeout as pause } from 'node:timers/promises'
import { ROTATION_LOOK_EVERY_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import type { Balancer, ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { lookoutAt } from './lookout.ts'
import { isDropped, isIn, isLookedAt, type SeenServer } from './trust.ts'

/** The balancers' opinion as it is now, and waits for it to become something. */
export interface RotationWatch {
  /** Every server of every balancer, as last seen. */
  servers(): readonly ServerLook[]
  /** Whether every backend that holds the node trusts it; a standby is trusted where it runs and waits where it is not the primary. */
  isIn(node: Node): boolean
  /** Resolves true when no backend that holds the node gives it anything new; false when `limitMs` passes first. */
  dropped(node: Node, limitMs: number): Promise<boolean>
  /** Resolves true when every backend that holds the node trusts it on a look of its own at what the node is now; false when `limitMs` passes first. */
  admitted(node: Node, wait: Admission): Promise<boolean>
  stop(): Promise<void>
}

/** What an admission has to rest on: a balancer goes on trusting a node until its next check, whatever was done to it meanwhile. */
export interface Admission {
  /** When something was last done to the node. Whoever was out since then is in by its checks. */
  readonly actedAt: number
  /** How long it takes at most until a check has come to its end: who was not out since is believed after this. Ms. */
  readonly wholeCheckMs: number
  readonly limitMs: number
}

/** Looks at the balancers until stopped. */
export const watchRotation = async (world: {
  balancers: readonly Balancer[]
  recorder: Recorder
  clock: Clock
}): Promise<RotationWatch> => {
  const { clock } = world
  const ended = new AbortController()
  const lookouts = world.balancers.map((balancer) => lookoutAt(balancer, world))
  const seen = (): readonly SeenServer[] => lookouts.flatMap((lookout) => lookout.servers())
  const seenAs = (node: Node): readonly SeenServer[] => seen().filter(({ server }) => server.node === node.name)
  const statesOf = (node: Node) => seenAs(node).map(({ server }) => server.state)

  const until = async (isSo: () => boolean, limitMs: number): Promise<boolean> => {
    const end = clock.now() + limitMs
    while (!isSo()) {
      if (clock.now() > end || ended.signal.aborted) return false
      await pause(ROTATION_LOOK_EVERY_MS / 4, undefined, { signal: ended.signal }).catch(() => {})
    }
    return true
  }

  await Promise.all(lookouts.map((lookout) => lookout.look()))
  const watching = lookouts.map((lookout) => lookout.lookOn(ended.signal))
  return {
    servers: () => seen().map(({ server }) => server),
    isIn: (node) => isIn(statesOf(node)),
    dropped: (node, limitMs) => until(() => isDropped(statesOf(node)), limitMs),
    admitted: (node, { actedAt, wholeCheckMs, limitMs }) => {
      const grounds = { actedAt, believedAt: clock.now() + wholeCheckMs }
      return until(() => isIn(statesOf(node)) && isLookedAt(seenAs(node), grounds), limitMs)
    },
    async stop() {
      ended.abort()
      await Promise.all(watching)
    },
  }
}
