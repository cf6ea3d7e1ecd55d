// Whom the balancers trust: looked at ten times a second, written down when it changes, and waited for.
import { setTimeout as pause } from 'node:timers/promises'
import { isTrusted } from '../history/event.ts'
import { ROTATION_LOOK_EVERY_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import type { RotationState } from '../topology/check.ts'
import { type Balancer, hasFailedCheck, lookAt, type ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'

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

interface Seen {
  readonly state: RotationState
  readonly at: number
  /** The last look that saw it out. */
  readonly outAt: number
}

const keyOf = (balancer: string, { backend, node }: ServerLook): string => `${balancer} ${backend} ${node}`

/** Looks at the balancers until stopped. A look that fails is written down as blindness, never as a state. */
export const watchRotation = async (world: {
  balancers: readonly Balancer[]
  recorder: Recorder
  clock: Clock
}): Promise<RotationWatch> => {
  const { balancers, recorder, clock } = world
  const seen = new Map<string, Seen>()
  const latest = new Map<string, readonly ServerLook[]>()
  const blindSince = new Map<string, number>()
  const ended = new AbortController()

  const note = (balancer: Balancer, looks: readonly ServerLook[], from: number, at: number): void => {
    for (const look of looks) {
      const key = keyOf(balancer.name, look)
      const before = seen.get(key)
      if (before?.state !== look.state) {
        recorder.record({
          kind: 'rotation',
          at,
          balancer: balancer.name,
          backend: look.backend,
          node: look.node,
          state: look.state,
          ...(before && { was: before.state }),
          lastLookAt: before?.at ?? from,
          ...(look.reason && { reason: look.reason }),
        })
      }
      seen.set(key, { state: look.state, at: from, outAt: look.state === 'out' ? from : (before?.outAt ?? -Infinity) })
    }
    latest.set(balancer.name, looks)
  }

  const look = async (balancer: Balancer): Promise<void> => {
    const from = clock.now()
    try {
      const looks = await lookAt(balancer, latest.get(balancer.name))
      const since = blindSince.get(balancer.name)
      if (since !== undefined)
        recorder.record({
          kind: 'rotation-blind',
          at: clock.now(),
          balancer: balancer.name,
          since,
          because: 'the looks before this one failed',
        })
      blindSince.delete(balancer.name)
      note(balancer, looks, from, clock.now())
    } catch (error) {
      if (!blindSince.has(balancer.name)) {
        blindSince.set(balancer.name, from)
        recorder.record({
          kind: 'rotation-blind',
          at: clock.now(),
          balancer: balancer.name,
          since: from,
          because: (error as Error).message,
        })
      }
    }
  }

  const watch = async (balancer: Balancer): Promise<void> => {
    while (!ended.signal.aborted) {
      await look(balancer)
      await pause(ROTATION_LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
    }
    const since = blindSince.get(balancer.name)
    if (since !== undefined)
      recorder.record({
        kind: 'rotation-blind',
        at: clock.now(),
        balancer: balancer.name,
        since,
        because: 'still blind at the end',
      })
  }

  const statesOf = (node: Node): readonly RotationState[] =>
    [...latest.values()]
      .flat()
      .filter((server) => server.node === node.name)
      .map((server) => server.state)

  const until = async (isSo: () => boolean, limitMs: number): Promise<boolean> => {
    const end = clock.now() + limitMs
    while (!isSo()) {
      if (clock.now() > end || ended.signal.aborted) return false
      await pause(ROTATION_LOOK_EVERY_MS / 4, undefined, { signal: ended.signal }).catch(() => {})
    }
    return true
  }

  const isIn = (node: Node): boolean => {
    const states = statesOf(node)
    return states.includes('in') && states.every(isTrusted)
  }

  /** Whether no backend's trust is one of before. A server without a check of its own follows another, or is trusted blindly. */
  const isLookedAt = (
    node: Node,
    { actedAt, wholeCheckMs, from }: Omit<Admission, 'limitMs'> & { from: number },
  ): boolean =>
    [...latest].every(([balancer, looks]) =>
      looks
        .filter((server) => server.node === node.name && server.state === 'in' && server.reason)
        .every((server) => {
          const last = seen.get(keyOf(balancer, server))
          const isAnew = last !== undefined && (last.outAt >= actedAt || last.at >= from + wholeCheckMs)
          return isAnew && !hasFailedCheck(server)
        }),
    )

  await Promise.all(balancers.map(look))
  const watching = balancers.map(watch)
  return {
    servers: () => [...latest.values()].flat(),
    isIn,
    dropped: (node, limitMs) => {
      const isOut = (): boolean => {
        const states = statesOf(node)
        return states.length > 0 && states.every((state) => state !== 'in')
      }
      return until(isOut, limitMs)
    },
    admitted: (node, { limitMs, ...wait }) => {
      const from = clock.now()
      return until(() => isIn(node) && isLookedAt(node, { ...wait, from }), limitMs)
    },
    async stop() {
      ended.abort()
      await Promise.all(watching)
    },
  }
}
