// What is to be known of a container before it is replaced: how another one like it is made, and how it becomes itself again.
import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode'
import { ScenarioError } from '../../time/errors.ts'
import { REPLACES, replacementAddress } from '../../topology/replacement.ts'

/** A restart policy in the engine's own words. */
export interface RestartPolicy {
  readonly Name: string
  readonly MaximumRetryCount?: number
}

/** A container as it was found. */
export interface Original {
  readonly id: string
  /** Docker's name without the leading slash. */
  readonly name: string
  readonly network: string
  readonly address: string
  /** Every name by which others on the network find it. */
  readonly names: readonly string[]
  readonly restart: RestartPolicy
  /** Makes its replacement. */
  readonly create: ContainerCreateOptions
}

/** What the engine says of a container, read. Throws ScenarioError where it could not be replaced, or not become itself again. */
export const originalFrom = (inspected: ContainerInspectInfo): Original => {
  const { Id: id, HostConfig, NetworkSettings } = inspected
  const name = inspected.Name.replace(/^\//, '')
  const refuse = (because: string): never => {
    throw new ScenarioError(`replace of ${name}: ${because}`, { code: 'ERR_REPLACE' })
  }
  const [joined, ...more] = Object.entries(NetworkSettings.Networks)
  if (!joined || more.length > 0)
    return refuse(`it stands on ${more.length + (joined ? 1 : 0)} networks, expected one.`)
  const [network, endpoint] = joined
  const address = endpoint.IPAMConfig?.IPv4Address
  if (!address)
    return refuse('it would come back at another address. Give it an ipv4_address in its Compose file, or use kill.')
  if (HostConfig.AutoRemove === true) return refuse('the engine removes it when it stops. Make it without --rm.')
  // The engine adds a container's own id to its names: that is the one that the replacement must not have.
  const aliases = ((endpoint.Aliases ?? []) as readonly string[]).filter((alias) => !id.startsWith(alias))
  return {
    id,
    name,
    network,
    address,
    names: [...new Set([name, ...aliases])],
    restart: restartOf(HostConfig.RestartPolicy),
    create: createOptions(inspected, { network, aliases, address: replacementAddress(address) }),
  }
}

const restartOf = (policy: ContainerInspectInfo['HostConfig']['RestartPolicy']): RestartPolicy => ({
  Name: policy?.Name || 'no',
  ...(policy?.MaximumRetryCount && { MaximumRetryCount: policy.MaximumRetryCount }),
})

/** The same image by its id, whatever its tag means by now; the same command, environment, labels, limits and mounts. */
const createOptions = (
  { Id, Name, Image, Config, HostConfig }: ContainerInspectInfo,
  place: { readonly network: string; readonly aliases: readonly string[]; readonly address: string },
): ContainerCreateOptions => {
  const { Hostname, ...config } = Config
  return {
    ...config,
    name: Name.replace(/^\//, ''),
    Image,
    // A host name that nobody chose is the id: the replacement has one of its own.
    ...(Id.startsWith(Hostname) ? {} : { Hostname }),
    Labels: { ...Config.Labels, [REPLACES]: Id },
    // The network it is created on is the only one it is ever on: the engine's default bridge would be a back door.
    HostConfig: { ...HostConfig, NetworkMode: place.network },
    NetworkingConfig: {
      EndpointsConfig: {
        [place.network]: { Aliases: [...place.aliases], IPAMConfig: { IPv4Address: place.address } },
      },
    },
  } as ContainerCreateOptions
}
