// One kind of fault: what it does to a node, how it is proven, how it is undone, and how that is proven.
import type { Evidence, FaultKind } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import type { Undo } from './undo.ts'

/** What independent witnesses said of one node. The true instant lies in `bounds`; null when nobody could bound it. */
export interface Attestation {
  readonly evidence: readonly Evidence[]
  readonly bounds: readonly [atLeast: number, atMost: number] | null
  /** After a heal: what of the fault itself may be there still, in its witnesses' words. It is to be healed again then. */
  readonly left?: readonly string[]
}

/** The connections that a network fault hits: those that were open, those opened from then on, or both. */
export type Hits = 'established' | 'new' | 'both'

/**
 * Every method concerns one node. `attest` is called before `inject` and given its promise: a witness who looks only
 * afterwards cannot bound the instant. `heal` is idempotent.
 */
export interface Kind {
  readonly kind: FaultKind
  /** What was asked beyond the targets, for the record: `{ share: 0.3 }`. */
  readonly asked?: Readonly<Record<string, string | number>>
  /** Declared here, and verified by its witnesses. Absent where there is no such question. */
  readonly hits?: Hits
  /** Names of nodes that it leaves alone and knows by their addresses: nobody may take one elsewhere meanwhile. */
  readonly otherSide?: readonly string[]
  /** The longest it may live, ms: then it is healed whatever the script does. LONGEST_LIFE_MS where absent. */
  readonly longestMs?: number
  /**
   * Asked before anything is written down or changed: throws ScenarioError where it cannot be done to this node, with what
   * to do about it. What it learns of the node is for `undo`.
   */
  check?(node: Node): Promise<void>
  /** How whoever finds it after we died undoes it; known, and on disk, before the first change. */
  undo(node: Node): readonly Undo[]
  inject(node: Node): Promise<void>
  attest(node: Node, injected: Promise<void>): Promise<Attestation>
  /** Asked right before the heal: whether it is in effect still, and was ever since `since` (ms since the run began). */
  attestHeld(node: Node, since: number): Promise<readonly Evidence[]>
  heal(node: Node): Promise<void>
  attestClear(node: Node, healed: Promise<void>): Promise<Attestation>
}

export const LONGEST_LIFE_MS = 5 * 60_000
