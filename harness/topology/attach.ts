// Reads a running deployment off the engine by its labels: nothing else lists nodes.
import type { ContainerInspectInfo } from 'dockerode'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from './docker.ts'
import { REPLACES } from './replacement.ts'
import type { Container, Node, Port, Role, Topology } from './topology.ts'
import { callerZonesIn } from './zones.ts'

const ROLES: readonly string[] = [
  'control-plane',
  'data-plane',
  'load-balancer',
  'database',
  'config-store',
  'object-store',
  'upstream',
] satisfies readonly Role[]

const portsOf = (inspected: ContainerInspectInfo): Record<string, Port> => {
  const ports: Record<string, Port> = {}
  for (const [label, value] of Object.entries(inspected.Config.Labels)) {
    if (!label.startsWith('firedrill.port.')) continue
    const bound = inspected.HostConfig.PortBindings?.[`${value}/tcp`] as { HostPort?: string }[] | undefined
    const published = Number(bound?.[0]?.HostPort ?? 0)
    ports[label.slice('firedrill.port.'.length)] = { inside: Number(value), ...(published > 0 && { published }) }
  }
  return ports
}

const containerOf = (inspected: ContainerInspectInfo, network: string): Container => {
  const joined = inspected.NetworkSettings.Networks[network]
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    service: inspected.Config.Labels['com.docker.compose.service'] ?? inspected.Name.replace(/^\//, ''),
    // A stopped container has no address but keeps the one Compose asked for.
    address: joined?.IPAddress || joined?.IPAMConfig?.IPv4Address || '',
    image: inspected.Config.Image,
    imageId: inspected.Image,
    ports: portsOf(inspected),
  }
}

const nodeOf = (name: string, inspected: readonly ContainerInspectInfo[], network: string): Node => {
  const labels = inspected[0]?.Config.Labels ?? {}
  const role = labels['firedrill.role'] ?? ''
  if (!ROLES.includes(role)) {
    throw new EnvironmentError(
      `Node ${name} has role '${role}': expected firedrill.role to be one of ${ROLES.join(', ')}.`,
      {
        code: 'ERR_ROLE',
      },
    )
  }
  return {
    name,
    role: role as Role,
    zone: labels['firedrill.zone'] ?? 'outside',
    containers: inspected.map((each) => containerOf(each, network)).sort((a, b) => a.service.localeCompare(b.service)),
  }
}

/** Throws EnvironmentError, by the names of those on the network of which it is so. */
const refuse = (
  inspected: readonly ContainerInspectInfo[],
  isSo: (container: ContainerInspectInfo) => boolean,
  { code, because }: { readonly code: string; readonly because: (names: string) => string },
): void => {
  const names = inspected.filter(isSo).map(({ Name }) => Name.replace(/^\//, ''))
  if (names.length > 0) throw new EnvironmentError(because(names.join(', ')), { code })
}

/** Two that are down at once may come back at each other's address; and rules that part nodes know them by IPv4. */
const refuseAddresses = (inspected: readonly ContainerInspectInfo[], network: string): void => {
  refuse(inspected, ({ NetworkSettings }) => !NetworkSettings.Networks[network]?.IPAMConfig?.IPv4Address, {
    code: 'ERR_ADDRESSES',
    because: (names) =>
      `Some have no fixed address on ${network}, and may come back at another's: ${names}. Give each an ipv4_address there in the Compose file, and no network_mode.`,
  })
  const hasIpv6 = ({ NetworkSettings }: ContainerInspectInfo): boolean => {
    const { GlobalIPv6Address, IPAMConfig } = NetworkSettings.Networks[network] ?? {}
    return Boolean(GlobalIPv6Address || IPAMConfig?.IPv6Address)
  }
  refuse(inspected, hasIpv6, {
    code: 'ERR_IPV6',
    because: (names) =>
      `Some have an IPv6 address on ${network}, by which faults of the network would cut off more than was asked: ${names}. Say enable_ipv6: false of that network in the Compose file, and no ipv6_address.`,
  })
}

/**
 * The topology of the deployment whose containers carry `firedrill.run=<run>`, running or not.
 * Throws EnvironmentError when there is none, a role is unknown, a container stands on a second network,
 * which would be a back door through every partition, has no fixed address, or has one of IPv6.
 */
export const attach = async (wanted: {
  readonly run: string
  readonly stack: string
  readonly subnet: string
  readonly defect?: string
}): Promise<Topology> => {
  const filters = { label: [`firedrill.run=${wanted.run}`, 'firedrill.node'] }
  const listed = await docker().listContainers({ all: true, filters })
  // While a fault replaces a container, the node is the one that comes back.
  const own = listed.filter(({ Labels }) => Labels[REPLACES] === undefined)
  const inspected = await Promise.all(own.map((each) => docker().getContainer(each.Id).inspect()))
  const networks = new Set(inspected.flatMap((each) => Object.keys(each.NetworkSettings.Networks)))
  const [network] = networks
  if (!network || networks.size > 1) {
    throw new EnvironmentError(
      `Deployment ${wanted.run} stands on ${networks.size} networks (${[...networks].join(', ') || 'none: nothing runs'}): expected exactly one.`,
      { code: 'ERR_NETWORKS' },
    )
  }
  refuseAddresses(inspected, network)
  const callerZones = callerZonesIn(inspected.map((each) => each.Config.Labels))
  const byNode = Map.groupBy(inspected, (each) => each.Config.Labels['firedrill.node'] ?? '')
  return {
    stack: wanted.stack,
    ...(wanted.defect !== undefined && { defect: wanted.defect }),
    project: wanted.run,
    network,
    subnet: wanted.subnet,
    ...(callerZones.length > 0 && { callerZones }),
    nodes: [...byNode].map(([name, each]) => nodeOf(name, each, network)).sort((a, b) => a.name.localeCompare(b.name)),
  }
}
