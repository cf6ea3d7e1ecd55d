// One kind of fault: what it does to a node, how it is proven, how it is undone, and how that is proven.
import type { Evidence, FaultKind } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'

/** What independent witnesses said of one node. The true instant lies in `bounds`; null when nobody could bound it. */
export interface Attestation {
  readonly evidence: readonly Evidence[]
  readonly bounds: readonly [atLeast: number, atMost: number] | null
}

/**
 * Every method concerns one node. `attest` is called before `inject` and given its promise: a witness who looks only
 * afterwards cannot bound the instant. `heal` is idempotent.
 */
export interface Kind {
  readonly kind: FaultKind
  inject(node: Node): Promise<void>
  attest(node: Node, injected: Promise<void>): Promise<Attestation>
  heal(node: Node): Promise<void>
  attestClear(node: Node, healed: Promise<void>): Promise<Attestation>
}
