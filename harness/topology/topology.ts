// What a deployment is made of, as its Compose labels say: nodes, their containers, roles and zones.

/** What a node does in the deployment. */
export type Role =
  | 'control-plane'
  | 'data-plane'
  | 'load-balancer'
  | 'database'
  | 'config-store'
  | 'object-store'
  | 'upstream'
  | 'caller' // ours, and never in a Compose file: callers who stand in a zone

/** The failure domain a node stands in. Balancers and upstreams stand 'outside': a lost zone must not take them along. */
export type Zone = string

/** A port of a container, by the name its `firedrill.port.<name>` label gives it. */
export interface Port {
  readonly inside: number
  /** Where this machine reaches it; absent when it is not published. Always on 127.0.0.1. */
  readonly published?: number
}

/** One container of a node. */
export interface Container {
  readonly id: string
  /** Docker's name without the leading slash. */
  readonly name: string
  /** The Compose service. */
  readonly service: string
  /** IPv4 on the deployment's one network. */
  readonly address: string
  /** As Compose was told it. */
  readonly image: string
  /** What that was when the container was made: a tag may mean another image by now. Absent in older histories. */
  readonly imageId?: string
  readonly ports: Readonly<Record<string, Port>>
}

/** One failure unit: what dies together. May be several containers. */
export interface Node {
  readonly name: string
  readonly role: Role
  readonly zone: Zone
  readonly containers: readonly Container[]
}

/** The deployment as described. Plain and JSON-able: it is the first thing a history holds. */
export interface Topology {
  /** The Compose file's name without its ending: 'high-availability'. */
  readonly stack: string
  /** The planted defect's overlay, when there is one. */
  readonly defect?: string
  /** Compose project, and the value of `firedrill.run` on everything in it. */
  readonly project: string
  readonly network: string
  /** Three octets: '10.213.77'. */
  readonly subnet: string
  readonly nodes: readonly Node[]
  /** Zones in which callers stand, beside those outside of every zone; none where absent. */
  readonly callerZones?: readonly Zone[]
}

/** What the callers in a zone are called where a fault concerns them. */
export const callersIn = (zone: Zone): string => `callers-${zone}`

/** A balancer's backend of this name gives everything to one server at a time: the member that says it is the primary. */
export const PRIMARY_BACKEND = 'primary'

/** The nodes of a role, or of several. */
export const nodesOf = (topology: Topology, ...roles: readonly Role[]): readonly Node[] =>
  topology.nodes.filter((node) => roles.includes(node.role))

/** What a node does, by its name; undefined where no topology is known, or it has none of that name. */
export const roleOf = (topology: Topology | null, name: string): Role | undefined =>
  topology?.nodes.find((node) => node.name === name)?.role

/** The node with this name. Throws RangeError when the deployment has none, and lists those it has. */
export const nodeNamed = (topology: Topology, name: string): Node => {
  const node = topology.nodes.find((each) => each.name === name)
  if (node) return node
  throw new RangeError(`No node is named ${name}: there are ${topology.nodes.map((each) => each.name).join(', ')}.`)
}

/** Where a node is asked from inside the deployment's network; null where it has no port with this name. */
export const urlOf = (node: Node, port: string, path: string, scheme: 'http' | 'https' = 'http'): string | null => {
  const at = portOf(node, port)
  return at ? `${scheme}://${at.container.address}:${at.port.inside}${path}` : null
}

/** The first container of a node that has a port with this name, and the port. */
export const portOf = (
  node: Node,
  name: string,
): { readonly container: Container; readonly port: Port } | undefined => {
  for (const container of node.containers) {
    const port = container.ports[name]
    if (port) return { container, port }
  }
  return undefined
}
