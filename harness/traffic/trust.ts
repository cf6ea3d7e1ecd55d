// Whom the balancers trust, by what their servers looked like when they were last seen.
import { isTrusted } from '../history/event.ts'
import type { RotationState } from '../topology/check.ts'
import { hasFailedCheck, type ServerLook } from '../topology/haproxy.ts'

/** A server of one balancer, as last seen. */
export interface SeenServer {
  readonly server: ServerLook
  /** When the look that saw it began. */
  readonly at: number
  /** When the last look that saw it out began; -Infinity where none did. */
  readonly outAt: number
}

/** From when on trust is of what a node is now. */
export interface Grounds {
  /** When something was last done to the node. Whoever was out since then is in by its checks. */
  readonly actedAt: number
  /** When a check has come to its end: whoever was not out since is believed from then on. */
  readonly believedAt: number
}

/** Whether every backend that holds a node trusts it, by its states there; a standby is trusted where it runs and waits where it is not the primary. */
export const isIn = (states: readonly RotationState[]): boolean => states.includes('in') && states.every(isTrusted)

/** Whether no backend that holds a node gives it anything new. */
export const isDropped = (states: readonly RotationState[]): boolean =>
  states.length > 0 && states.every((state) => state !== 'in')

/** Whether no backend's trust in a node is one of before. A server without a check of its own follows another, or is trusted blindly. */
export const isLookedAt = (servers: readonly SeenServer[], { actedAt, believedAt }: Grounds): boolean =>
  servers
    .filter(({ server }) => server.state === 'in' && server.reason)
    .every(({ server, at, outAt }) => (outAt >= actedAt || at >= believedAt) && !hasFailedCheck(server))
