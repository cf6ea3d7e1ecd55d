// A soak's plan: faults drawn by a seed, one or two at a time, never two of one role: what they cost callers could not be told apart.
import type { FaultKind } from '../history/event.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'

/** Kinds that a soak draws from, by role. Of a pair the one that callers might feel comes last, and what is lost from then on is its. */
export const SOAKED = {
  'control-plane': ['stop', 'kill', 'pause', 'isolate', 'reject', 'slow'],
  'data-plane': ['stop', 'kill', 'pause', 'isolate', 'reject', 'slow', 'cpu'],
} as const satisfies Partial<Record<Node['role'], readonly FaultKind[]>>

export type SoakedKind = (typeof SOAKED)[keyof typeof SOAKED][number]

/** One fault of a plan. */
export interface Planned {
  readonly kind: SoakedKind
  readonly node: Node
}

/** What is in effect at one time: injected in this order, held together, and healed in reverse. */
export interface Turn {
  readonly faults: readonly Planned[]
  readonly holdMs: number
}

const ROLES = ['control-plane', 'data-plane'] as const satisfies readonly (keyof typeof SOAKED)[]
const HOLD_MS = { least: 3000, most: 8000 }
/** What injecting, healing and the steady state after it take beside the hold. */
export const AROUND_TURN_MS = 14_000
const PAIRED_SHARE = 0.4

/**
 * As many turns as fit into the time, at least one; none where no role has a node to spare. `random` gives numbers in [0, 1), the
 * same for one seed.
 */
export const planSoak = (topology: Topology, overMs: number, random: () => number): readonly Turn[] => {
  const spared = ROLES.map((role) => ({ role, nodes: nodesOf(topology, role) })).filter(({ nodes }) => nodes.length > 1)
  const turns: Turn[] = []
  for (let spentMs = 0; spared.length > 0; ) {
    const faults = spared.map(({ role, nodes }) => drawFault(SOAKED[role], nodes, random))
    const only = drawn(faults, random)
    const chosen = random() < PAIRED_SHARE ? faults : [only]
    const holdMs = HOLD_MS.least + Math.round(random() * (HOLD_MS.most - HOLD_MS.least))
    spentMs += holdMs + AROUND_TURN_MS
    if (turns.length > 0 && spentMs > overMs) break
    turns.push({ faults: chosen, holdMs })
  }
  return turns
}

const drawFault = (kinds: readonly SoakedKind[], nodes: readonly Node[], random: () => number): Planned => ({
  kind: drawn(kinds, random),
  node: drawn(nodes, random),
})

const drawn = <T>(all: readonly T[], random: () => number): T => {
  const one = all[Math.floor(random() * all.length)]
  if (one === undefined) throw new RangeError('Nothing to draw from: the list is empty.')
  return one
}

/** '2. kill of control-plane-1 with slow of data-plane-2, 4.2 s', a line a turn. */
export const sayPlan = (turns: readonly Turn[]): readonly string[] =>
  turns.map(({ faults, holdMs }, i) => {
    const what = faults.map(({ kind, node }) => `${kind} of ${node.name}`).join(' with ')
    return `${i + 1}. ${what}, ${(holdMs / 1000).toFixed(1)} s`
  })
