// Nodes by what they have in common: what scenarios point at.
import { ScenarioError } from '../time/errors.ts'
import { type Node, nodesOf, portOf, type Role, type Topology, type Zone } from './topology.ts'

/** Some nodes of the deployment, in order of name. */
export interface NodeGroup extends Iterable<Node> {
  readonly nodes: readonly Node[]
  /** Where they stand, in order of name. */
  readonly zones: readonly Zone[]
  /** One of them, by the run's seed. Throws ScenarioError when the group is empty. */
  pick(): Node
  /** The nodes of this group that are not in the other. */
  outside(other: Targets): NodeGroup
  /** Its nodes that stand in this zone, perhaps none. Throws ScenarioError ERR_NO_ZONE where the whole deployment has no such zone. */
  zone(zone: Zone): NodeGroup
  and(other: Targets): NodeGroup
}

/** What acts and observations take: a node, a group, or several. */
export type Targets = Node | NodeGroup | readonly Node[]

/** The same as a plain list. */
export const listed = (targets: Targets): readonly Node[] => ('containers' in targets ? [targets] : [...targets])

/** A number in [0, 1) from a seed, the same on every machine. One stream per call of this function. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    // mulberry32: enough to choose nodes by, and short enough to read.
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What the groups of one deployment share: where its nodes stand, and the run's chance. */
interface Shared {
  readonly zones: ReadonlySet<Zone>
  readonly random: () => number
}

const groupOf = (nodes: readonly Node[], shared: Shared): NodeGroup => ({
  nodes,
  zones: [...new Set(nodes.map(({ zone }) => zone))].sort(),
  [Symbol.iterator]: () => nodes[Symbol.iterator](),
  pick() {
    const picked = nodes[Math.floor(shared.random() * nodes.length)]
    if (picked) return picked
    throw new ScenarioError('Nothing to pick from: the group is empty in this deployment.', { code: 'ERR_EMPTY_GROUP' })
  },
  outside(other) {
    const names = new Set(listed(other).map((node) => node.name))
    return groupOf(
      nodes.filter((node) => !names.has(node.name)),
      shared,
    )
  },
  zone(zone) {
    if (!shared.zones.has(zone))
      throw new ScenarioError(`There is no zone '${zone}': expected one of ${[...shared.zones].sort().join(', ')}.`, {
        code: 'ERR_NO_ZONE',
      })
    return groupOf(
      nodes.filter((node) => node.zone === zone),
      shared,
    )
  },
  and: (other) => groupOf([...nodes, ...listed(other).filter((node) => !nodes.includes(node))], shared),
})

/** The running deployment, as scenarios see it. */
export interface Gateway extends NodeGroup {
  readonly controlPlane: NodeGroup
  readonly dataPlane: NodeGroup
  readonly database: NodeGroup
  readonly configStore: NodeGroup
  /** Whom gateways have their configuration from: DP Managers and whoever stands before them; the config store where there are none. */
  readonly configSource: NodeGroup
  readonly balancers: NodeGroup
  /** Who writes the fallback's configuration into its store: gateways that take no calls. */
  readonly backups: NodeGroup
}

/** The deployment's nodes by role and zone; `pick` draws from the run's seed. */
export const gatewayOf = (topology: Topology, seed: number): Gateway => {
  const shared = { zones: new Set(topology.nodes.map(({ zone }) => zone)), random: seeded(seed) }
  const role = (wanted: Role): NodeGroup =>
    groupOf(
      topology.nodes.filter((node) => node.role === wanted),
      shared,
    )
  const dpManagers = topology.nodes.filter((node) => portOf(node, 'dp-manager'))
  return {
    ...groupOf(topology.nodes, shared),
    controlPlane: role('control-plane'),
    dataPlane: role('data-plane'),
    database: role('database'),
    configStore: role('config-store'),
    configSource: dpManagers.length > 0 ? groupOf(dpManagers, shared) : role('config-store'),
    balancers: role('load-balancer'),
    backups: groupOf(
      nodesOf(topology, 'object-store').filter((node) => portOf(node, 'status') !== undefined),
      shared,
    ),
  }
}
